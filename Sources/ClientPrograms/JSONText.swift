// SPDX-License-Identifier: Apache-2.0

/// JSON with the place of each value in its text, so that a value can be put in or taken out
/// and every other byte stays (RFC 8259).
struct JSONText {
    /// A value and where it is.
    struct Node {
        let content: Content
        /// In bytes; for an object or array with its brackets.
        let range: Range<Int>
    }

    indirect enum Content {
        case object([Member])
        case array([Node])
        case string(String)
        /// A number, `true`, `false` or `null`, as it is written.
        case word(String)
    }

    struct Member {
        let name: String
        /// Where its name begins.
        let start: Int
        let value: Node
    }

    /// It is not JSON, or nested more than 64 deep.
    struct Invalid: Error {}

    let bytes: [UInt8]
    let top: Node

    /// - Throws: `Invalid`.
    init(_ bytes: [UInt8]) throws(Invalid) {
        var reader = Reader(bytes)
        top = try reader.document()
        self.bytes = bytes
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            // A mark of the byte order, which programs skip.
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        }

        var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func document() throws(Invalid) -> Node {
            let node = try value(depth: 0)
            skipBlanks()
            guard position == bytes.count else { throw Invalid() }
            return node
        }

        mutating func skipBlanks() {
            while let byte = next, JSONText.blanks.contains(byte) { position += 1 }
        }

        /// Whether this character is next, after blanks; it is skipped.
        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            skipBlanks()
            guard next == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func value(depth: Int) throws(Invalid) -> Node {
            guard depth <= 64 else { throw Invalid() }
            skipBlanks()
            let start = position
            let content: Content
            switch next {
            case UInt8(ascii: "{"): content = .object(try members(depth: depth))
            case UInt8(ascii: "["): content = .array(try elements(depth: depth))
            case UInt8(ascii: "\""): content = .string(try string())
            default: content = .word(try word())
            }
            return Node(content: content, range: start..<position)
        }

        mutating func members(depth: Int) throws(Invalid) -> [Member] {
            position += 1
            var members: [Member] = []
            if skip("}") { return members }
            repeat {
                skipBlanks()
                let start = position
                guard next == UInt8(ascii: "\"") else { throw Invalid() }
                let name = try string()
                guard skip(":") else { throw Invalid() }
                members.append(Member(name: name, start: start, value: try value(depth: depth + 1)))
            } while skip(",")
            guard skip("}") else { throw Invalid() }
            return members
        }

        mutating func elements(depth: Int) throws(Invalid) -> [Node] {
            position += 1
            var elements: [Node] = []
            if skip("]") { return elements }
            repeat { elements.append(try value(depth: depth + 1)) } while skip(",")
            guard skip("]") else { throw Invalid() }
            return elements
        }

        mutating func string() throws(Invalid) -> String {
            position += 1
            var text: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let string = String(validating: text, as: UTF8.self) else { throw Invalid() }
                    return string
                case UInt8(ascii: "\\"): text += Array(String(try escaped()).utf8)
                case 0..<0x20: throw Invalid()
                default: text.append(byte)
                }
            }
            throw Invalid()
        }

        mutating func escaped() throws(Invalid) -> Character {
            guard let byte = next else { throw Invalid() }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(byte))
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{C}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"): return Character(try scalar())
            default: throw Invalid()
            }
        }

        /// What `\u` means; two of them together can be one character.
        mutating func scalar() throws(Invalid) -> Unicode.Scalar {
            let first = try fourDigits()
            guard (0xD800..<0xDC00).contains(first) else {
                // Half a character alone is not text. JavaScript takes it: U+FFFD stands for it.
                return Unicode.Scalar(first) ?? "\u{FFFD}"
            }
            guard bytes.dropFirst(position).starts(with: Array("\\u".utf8)) else { return "\u{FFFD}" }
            position += 2
            let second = try fourDigits()
            guard (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
        }

        mutating func fourDigits() throws(Invalid) -> UInt32 {
            let digits = bytes.dropFirst(position).prefix(4)
            guard digits.count == 4, !digits.contains(UInt8(ascii: "+")), !digits.contains(UInt8(ascii: "-")),
                let number = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw Invalid() }
            position += 4
            return number
        }

        mutating func word() throws(Invalid) -> String {
            let start = position
            while let byte = next, !JSONText.blanks.contains(byte), !JSONText.ends.contains(byte) { position += 1 }
            let word = String(decoding: bytes[start..<position], as: UTF8.self)
            guard ["true", "false", "null"].contains(word) || JSONText.isNumber(word) else { throw Invalid() }
            return word
        }
    }

    private static let blanks = Array(" \t\r\n".utf8)
    private static let ends = Array(",]}:\"[{".utf8)

    private static func isNumber(_ word: String) -> Bool {
        let digits = { (text: Substring) in !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) } }
        var rest = word[...]
        if rest.hasPrefix("-") { rest = rest.dropFirst() }
        if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            var exponent = rest[mark...].dropFirst()
            if exponent.hasPrefix("+") || exponent.hasPrefix("-") { exponent = exponent.dropFirst() }
            guard digits(exponent) else { return false }
            rest = rest[..<mark]
        }
        if let point = rest.firstIndex(of: ".") {
            guard digits(rest[point...].dropFirst()) else { return false }
            rest = rest[..<point]
        }
        return digits(rest) && (rest == "0" || !rest.hasPrefix("0"))
    }
}

extension JSONText {
    /// A value without its place; the order of an object's members means nothing.
    indirect enum Value: Equatable {
        case object([String: Value])
        case array([Value])
        case string(String)
        case number(Double)
        case word(String)
    }

    var value: Value { JSONText.value(top) }

    private static func value(_ node: Node) -> Value {
        switch node.content {
        case .object(let members):
            // Of two members of one name programs take the last one.
            .object(Dictionary(members.map { ($0.name, value($0.value)) }, uniquingKeysWith: { $1 }))
        case .array(let elements): .array(elements.map(value))
        case .string(let text): .string(text)
        case .word(let word): Double(word).map(Value.number) ?? .word(word)
        }
    }
}

extension JSONText.Node {
    var members: [JSONText.Member]? {
        if case .object(let members) = content { return members }
        return nil
    }

    var elements: [JSONText.Node]? {
        if case .array(let elements) = content { return elements }
        return nil
    }

    var string: String? {
        if case .string(let text) = content { return text }
        return nil
    }

    /// The member of an object that counts: the last one of this name.
    func member(_ name: String) -> JSONText.Node? { members?.last { $0.name == name }?.value }
}

/// Changes of a text: each leaves every other byte as it is, and taking out is the inverse of
/// putting in.
extension JSONText {
    /// The bytes with one more part before the first one of an object or array.
    /// - Parameter text: the part as JSON: name and value, or a value.
    func inserting(_ text: String, into container: Node) -> [UInt8] {
        let start = container.range.lowerBound + 1
        let blanks = bytes[start...].prefix { JSONText.blanks.contains($0) }
        let isEmpty = container.members?.isEmpty ?? container.elements?.isEmpty ?? true
        var result = Array(bytes[..<start])
        // On a line of its own where the first one has that.
        if !isEmpty { result += blanks }
        result += Array(text.utf8)
        if !isEmpty { result.append(UInt8(ascii: ",")) }
        return result + bytes[start...]
    }

    /// The bytes without one part of an object or array, and without the comma at its side.
    /// - Parameter parts: where all of them are.
    private func removing(at index: Int, of parts: [Range<Int>], from container: Node) -> [UInt8] {
        guard parts.indices.contains(index) else { return bytes }
        let hole: Range<Int>
        if index > 0 {
            hole = comma(after: parts[index - 1].upperBound)..<parts[index].upperBound
        } else if parts.count > 1 {
            hole = container.range.lowerBound + 1..<comma(after: parts[0].upperBound) + 1
        } else {
            hole = container.range.lowerBound + 1..<parts[0].upperBound
        }
        return Array(bytes[..<hole.lowerBound] + bytes[hole.upperBound...])
    }

    /// Where the comma behind a value is.
    private func comma(after end: Int) -> Int { bytes[end...].firstIndex(of: UInt8(ascii: ",")) ?? end }

    /// The bytes without the members of this name.
    func removing(member name: String, of object: Node) -> [UInt8] {
        guard let members = object.members, let index = members.firstIndex(where: { $0.name == name }) else {
            return bytes
        }
        return removing(at: index, of: members.map { $0.start..<$0.value.range.upperBound }, from: object)
    }

    /// The bytes without the first string of this value in an array.
    func removing(string: String, of array: Node) -> [UInt8] {
        guard let elements = array.elements, let index = elements.firstIndex(where: { $0.string == string }) else {
            return bytes
        }
        return removing(at: index, of: elements.map(\.range), from: array)
    }
}

/// Strings as JSON has them.
public enum JSONString {
    /// With quotation marks, all on one line.
    public static func encoded(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
