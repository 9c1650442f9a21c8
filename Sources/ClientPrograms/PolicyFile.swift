// SPDX-License-Identifier: Apache-2.0

/// A policies.json of Firefox or Thunderbird, as far as modules are concerned: what its
/// `SecurityDevices` says, and its text with our module and without it. All other bytes stay.
public struct PolicyFile: Sendable {
    /// The file's bytes.
    public let bytes: [UInt8]
    /// The libraries that are added, by the name of the module.
    public let added: [String: String]
    /// The names of the modules that are deleted.
    public let deleted: [String]

    /// The file is not JSON as policies are written.
    public struct Invalid: Error {}

    /// - Throws: `Invalid`.
    public init(_ bytes: [UInt8]) throws(Invalid) {
        self.bytes = bytes
        let text: JSONText
        do { text = try JSONText(bytes) } catch { throw Invalid() }
        guard text.top.members != nil else { throw Invalid() }
        let devices = try PolicyFile.devices(of: text)
        added = try PolicyFile.libraries(of: devices)
        deleted = try PolicyFile.names(in: devices?.member("Delete"))
    }

    private static func devices(of text: JSONText) throws(Invalid) -> JSONText.Node? {
        guard let policies = text.top.member("policies") else { return nil }
        guard policies.members != nil else { throw Invalid() }
        guard let devices = policies.member("SecurityDevices") else { return nil }
        guard devices.members != nil else { throw Invalid() }
        return devices
    }

    private static func libraries(of devices: JSONText.Node?) throws(Invalid) -> [String: String] {
        guard let devices else { return [:] }
        let list = isOldForm(devices) ? devices : devices.member("Add")
        guard let list else { return [:] }
        guard let members = list.members else { throw Invalid() }
        // Whatever else has our name is not a module.
        guard list.member(ClientFile.moduleName).map({ $0.string != nil }) ?? true else { throw Invalid() }
        return Dictionary(
            members.compactMap { member in member.value.string.map { (member.name, $0) } }, uniquingKeysWith: { $1 })
    }

    private static func names(in list: JSONText.Node?) throws(Invalid) -> [String] {
        guard let list else { return [] }
        guard let elements = list.elements else { throw Invalid() }
        return elements.compactMap(\.string)
    }

    /// `{name: path}` of the past, in place of `{"Add": {name: path}, "Delete": [name]}`.
    private static func isOldForm(_ devices: JSONText.Node) -> Bool {
        devices.member("Add") == nil && devices.member("Delete") == nil
    }
}

/// Our module in it.
extension PolicyFile {
    private static let name = ClientFile.moduleName
    private static var encodedName: String { JSONString.encoded(name) }

    /// The library that is added under our name.
    public var ownLibrary: String? { added[PolicyFile.name] }
    /// Whether our module is deleted by name.
    public var deletesOurs: Bool { deleted.contains(PolicyFile.name) }
    /// Whether our module is in it, one way or the other.
    public var mentionsOurs: Bool { ownLibrary != nil || deletesOurs }

    /// Whether nothing else is in it.
    public var isOursAlone: Bool {
        guard mentionsOurs, let text = try? JSONText(removed.bytes) else { return false }
        return text.value == .object(["policies": .object([:])]) || text.value == .object([:])
    }

    /// Whether both say the same, in whatever form.
    public func saysTheSame(as other: PolicyFile) -> Bool {
        guard let own = try? JSONText(bytes), let others = try? JSONText(other.bytes) else { return false }
        return own.value == others.value
    }

    /// A file that has nothing but our module.
    public static func adding(_ library: String) -> [UInt8] {
        text(devices: "\"Add\": {\n        \(encodedName): \(JSONString.encoded(library))\n      }")
    }

    /// A file that has nothing but the deletion of our module.
    public static var deleting: [UInt8] { text(devices: "\"Delete\": [\n        \(encodedName)\n      ]") }

    private static func text(devices: String) -> [UInt8] {
        Array("{\n  \"policies\": {\n    \"SecurityDevices\": {\n      \(devices)\n    }\n  }\n}\n".utf8)
    }

    /// The file with our module added; itself if it has it.
    public func adding(_ library: String) -> PolicyFile {
        if ownLibrary == library, !deletesOurs, !isOldForm { return self }
        return removed.inNewForm.inserting(
            "\(PolicyFile.encodedName): \(JSONString.encoded(library))", as: "Add", brackets: ("{ ", " }"))
    }

    /// The file with our module deleted by name.
    public var deleting: PolicyFile {
        if deletesOurs, ownLibrary == nil { return self }
        return removed.inNewForm.inserting(PolicyFile.encodedName, as: "Delete", brackets: ("[", "]"))
    }

    /// The file without our module; itself if that is not in it. An object that is empty then goes too.
    public var removed: PolicyFile {
        guard mentionsOurs, let text = try? JSONText(bytes), let policies = text.top.member("policies"),
            let devices = policies.member("SecurityDevices")
        else { return self }
        let changed: [UInt8]
        if let deletes = devices.member("Delete"), deletesOurs {
            changed =
                deletes.elements?.count == 1
                ? text.removing(member: "Delete", of: devices) : text.removing(string: PolicyFile.name, of: deletes)
        } else {
            let list = devices.member("Add") ?? devices
            let isInside = devices.member("Add") != nil
            changed =
                isInside && list.members?.count == 1
                ? text.removing(member: "Add", of: devices) : text.removing(member: PolicyFile.name, of: list)
        }
        guard changed.count < bytes.count, let file = try? PolicyFile(changed) else { return self }
        return file.mentionsOurs ? file.removed : file.withoutEmptyDevices
    }

    private var withoutEmptyDevices: PolicyFile {
        guard let text = try? JSONText(bytes), let policies = text.top.member("policies"),
            let devices = policies.member("SecurityDevices"), devices.members?.isEmpty ?? false,
            let file = try? PolicyFile(text.removing(member: "SecurityDevices", of: policies))
        else { return self }
        return file
    }

    private var isOldForm: Bool {
        guard let text = try? JSONText(bytes), let devices = try? PolicyFile.devices(of: text) else { return false }
        return PolicyFile.isOldForm(devices) && !(devices.members?.isEmpty ?? true)
    }

    /// The modules of the old form below `Add`: beside it they would be ignored.
    private var inNewForm: PolicyFile {
        guard isOldForm, let text = try? JSONText(bytes), let devices = try? PolicyFile.devices(of: text) else {
            return self
        }
        let range = devices.range
        var changed = Array(bytes[..<range.lowerBound])
        changed += Array("{\"Add\": ".utf8)
        changed += bytes[range]
        changed.append(UInt8(ascii: "}"))
        changed += bytes[range.upperBound...]
        return (try? PolicyFile(changed)) ?? self
    }

    /// The file with an entry in one of the two lists, which is made where it is missing.
    private func inserting(_ entry: String, as list: String, brackets: (String, String)) -> PolicyFile {
        guard let text = try? JSONText(bytes) else { return self }
        let whole = "\(JSONString.encoded(list)): \(brackets.0)\(entry)\(brackets.1)"
        let changed: [UInt8]
        if let policies = text.top.member("policies") {
            if let devices = policies.member("SecurityDevices") {
                if let present = devices.member(list) {
                    changed = text.inserting(entry, into: present)
                } else {
                    changed = text.inserting(whole, into: devices)
                }
            } else {
                changed = text.inserting("\"SecurityDevices\": { \(whole) }", into: policies)
            }
        } else {
            changed = text.inserting("\"policies\": { \"SecurityDevices\": { \(whole) } }", into: text.top)
        }
        return (try? PolicyFile(changed)) ?? self
    }
}
