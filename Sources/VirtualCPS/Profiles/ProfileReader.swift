// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Messages

/// A JSON value of a file.
enum JSONValue: Decodable, Equatable {
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    case number(Double)
    case boolean(Bool)
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }
}

/// Reads a JSON object field by field and knows its path, so that errors name the field. A
/// field that is never read is an error: a misspelt name would be ignored otherwise.
struct ProfileReader {
    private let path: String
    private var fields: [String: JSONValue]

    init(text: [UInt8]) throws(ProfileError) {
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: Data(text))
        } catch {
            throw ProfileError("", Message("the file is not JSON", fr: "le fichier n'est pas du JSON"))
        }
        try self.init(value, path: "")
    }

    private init(_ value: JSONValue, path: String) throws(ProfileError) {
        guard case .object(let fields) = value else {
            throw ProfileError(path, Message("a JSON object is expected here", fr: "un objet JSON est attendu ici"))
        }
        self.path = path
        self.fields = fields
    }

    /// The full name of a field of this object.
    func name(_ field: String) -> String { path.isEmpty ? field : "\(path).\(field)" }

    func error(_ field: String, _ english: String, fr french: String) -> ProfileError {
        ProfileError(name(field), Message(english, fr: french))
    }

    /// Whether the field exists and was not read yet.
    func has(_ field: String) -> Bool { fields[field] != nil }

    private mutating func take(_ field: String) -> JSONValue? {
        let value = fields.removeValue(forKey: field)
        return value == .null ? nil : value
    }

    private func missing(_ field: String) -> ProfileError {
        error(field, "this field is missing", fr: "ce champ manque")
    }

    mutating func optionalText(_ field: String) throws(ProfileError) -> String? {
        guard let value = take(field) else { return nil }
        guard case .string(let text) = value, !text.isEmpty else {
            throw error(field, "a non-empty text is expected here", fr: "un texte non vide est attendu ici")
        }
        guard text.utf8.count <= 80, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw error(
                field, "at most 80 bytes of text without control characters",
                fr: "80 octets de texte au plus, sans caractère de commande")
        }
        return text
    }

    mutating func text(_ field: String) throws(ProfileError) -> String {
        guard let text = try optionalText(field) else { throw missing(field) }
        return text
    }

    /// A text of digits whose length is in `count`.
    mutating func digits(_ field: String, count: ClosedRange<Int>) throws(ProfileError) -> String {
        let text = try text(field)
        guard count.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            let number = count.count == 1 ? "\(count.lowerBound)" : "\(count.lowerBound)-\(count.upperBound)"
            throw error(field, "\(number) digits are expected here", fr: "\(number) chiffres sont attendus ici")
        }
        return text
    }

    mutating func optionalNumber(_ field: String, in range: ClosedRange<Int>) throws(ProfileError) -> Int? {
        guard let value = take(field) else { return nil }
        guard case .number(let number) = value, let exact = Int(exactly: number), range.contains(exact) else {
            throw error(
                field, "a whole number from \(range.lowerBound) to \(range.upperBound) is expected here",
                fr: "un nombre entier de \(range.lowerBound) à \(range.upperBound) est attendu ici")
        }
        return exact
    }

    mutating func number(_ field: String, in range: ClosedRange<Int>) throws(ProfileError) -> Int {
        guard let number = try optionalNumber(field, in: range) else { throw missing(field) }
        return number
    }

    /// One of the raw values of an enumeration.
    mutating func optionalChoice<Choice: RawRepresentable & CaseIterable>(
        _ field: String, _ type: Choice.Type
    ) throws(ProfileError) -> Choice? where Choice.RawValue == String {
        guard let text = try optionalText(field) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(field, "must be one of: \(known)", fr: "doit être l'un de : \(known)")
        }
        return choice
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ field: String, _ type: Choice.Type
    ) throws(ProfileError) -> Choice where Choice.RawValue == String {
        guard let choice = try optionalChoice(field, type) else { throw missing(field) }
        return choice
    }

    mutating func optionalObject(_ field: String) throws(ProfileError) -> ProfileReader? {
        guard let value = take(field) else { return nil }
        return try ProfileReader(value, path: name(field))
    }

    mutating func object(_ field: String) throws(ProfileError) -> ProfileReader {
        guard let object = try optionalObject(field) else { throw missing(field) }
        return object
    }

    mutating func objects(_ field: String) throws(ProfileError) -> [ProfileReader] {
        guard let value = take(field) else { return [] }
        guard case .array(let items) = value else {
            throw error(field, "a JSON array is expected here", fr: "un tableau JSON est attendu ici")
        }
        var readers: [ProfileReader] = []
        for (index, item) in items.enumerated() {
            readers.append(try ProfileReader(item, path: name("\(field)[\(index)]")))
        }
        return readers
    }

    /// - Throws: `ProfileError` if a field was never read.
    func finish() throws(ProfileError) {
        guard let unknown = fields.keys.sorted().first else { return }
        throw error(unknown, "there is no such field", fr: "ce champ n'existe pas")
    }
}

/// Why a profile cannot be used: one sentence that names the field.
public struct ProfileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The JSON field, for example `activities[2].number`; empty for the whole text.
    public let field: String
    /// The error in both languages, without the field's name.
    public let reason: Message

    /// Makes an error about one field.
    public init(_ field: String, _ reason: Message) {
        self.field = field
        self.reason = reason
    }

    /// The field and the reason, in the language of the user's locale.
    public var description: String { field.isEmpty ? reason.text : "\(field): \(reason.text)" }
}
