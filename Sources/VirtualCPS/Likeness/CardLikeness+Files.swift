// SPDX-License-Identifier: Apache-2.0

import CardReport
import SmartCardBytes

extension CardLikeness {
    /// Makes the files of a card of the generation those of the report.
    /// - Parameter own: the labels of the profile's objects, with their files.
    func apply(to tree: inout FileTree, profile: CardProfile, own: [String: VirtualFilePath]) throws(VirtualCardError) {
        guard let generation else { return }
        let original = tree
        // Objects leave the places that the generation has for them.
        let labels = Set(report.files.compactMap(\.label))
        for (label, path) in own where labels.contains(label) { tree[path] = nil }
        for (path, file) in files.sorted(by: { $0.key.identifiers.count < $1.key.identifiers.count }) {
            guard file.select == "9000" else {
                tree[path] = nil
                continue
            }
            tree.control[path] = try control(of: file, profile)
            if file.kind == "MF" || file.kind == "application" {
                tree[path] = original[path] ?? .directory(name: ApplicationIdentifier.contact)
                continue
            }
            let source = file.label.flatMap { own[$0] }.flatMap { original.elementary($0) } ?? original.elementary(path)
            var made = source ?? ElementaryFile([], contact: .nothing, contactless: .nothing)
            made.contents = try contents(of: file, profile, source?.contents)
            setReadRule(of: &made, file, generation.interface)
            tree[path] = .elementary(made)
        }
    }

    private func contents(
        of file: CardReport.File, _ profile: CardProfile, _ own: [UInt8]?
    ) throws(VirtualCardError) -> [UInt8] {
        if let lines = file.content { return try bytes(of: lines, file.path, profile) }
        let own = own ?? []
        guard let size = file.size, own.count <= size, size <= 0x8000 else { return own }
        // The profile's own size, if a report would say the same of it.
        if let step = file.sizeStep, own.count + step > size { return own }
        return own + [UInt8](repeating: 0, count: size - own.count)
    }

    private func control(of file: CardReport.File, _ profile: CardProfile) throws(VirtualCardError) -> [UInt8]? {
        guard let lines = file.control else { return nil }
        return try bytes(of: lines, file.path, profile)
    }

    /// The bytes that lines stand for, with the profile's numbers in place of those that are not shown.
    private func bytes(
        of lines: [String], _ place: String, _ profile: CardProfile
    ) throws(VirtualCardError) -> [UInt8] {
        var reader = BERTLVReader(SerialNumberFile.encoded(serial: profile.serial))
        let number = Array((try? reader.next())?.value ?? [])
        let bytes = DataTree.bytes(of: lines.map { CardLikeness.numbered($0, profile.cardNumber) }) { count, name in
            CardLikeness.filling(count, name, serialNumber: number)
        }
        guard let bytes else { throw CardLikeness.unusable(place) }
        return bytes
    }

    /// A text with the digits of the profile's card number where they are not shown.
    private static func numbered(_ line: String, _ number: String) -> String {
        guard line.contains("\""), line.contains("#") else { return line }
        let digits = Array(number)
        var next = 0
        return String(
            line.map { character in
                guard character == "#", !digits.isEmpty else { return character }
                next += 1
                return digits[(next - 1) % digits.count]
            })
    }

    private static func filling(_ count: Int, _ name: String, serialNumber: [UInt8]) -> [UInt8] {
        if name == "serial number" || name == "end of the serial number" {
            let end = serialNumber.suffix(count)
            return [UInt8](repeating: 0, count: count - end.count) + end
        }
        if name.hasPrefix("date in ") {
            return Array((String(name.dropFirst("date in ".count)) + "0101000000Z").utf8.prefix(count))
        }
        if name == "size" { return [UInt8](repeating: 0, count: count) }
        // No data object, and another value for each name, which is no text, path, identifier or date.
        let value = name == "rest" ? [0x1F, 0x80, 0x80, 0x80] : [0xFF] + name.utf8
        return (0..<count).map { value[$0 % value.count] }
    }

    /// Who may read the file over the interface that the report was made through.
    private func setReadRule(of made: inout ElementaryFile, _ file: CardReport.File, _ interface: CardInterface) {
        let condition: AccessCondition =
            switch file.read {
            case "9000", "6B00", "6282", nil: .always
            case "6982": .userPIN
            default: .never
            }
        if interface == .contact { made.contact.read = condition } else { made.contactless.read = condition }
    }
}

extension FileControlInformation {
    /// What SELECT answers on a card that is like another one: the same elements, with the file's own size.
    static func like(_ template: [UInt8], _ file: CardFile) -> [UInt8] {
        guard case .elementary(let elementary) = file else { return template }
        var reader = BERTLVReader(template)
        guard let outer = try? reader.next() else { return template }
        var parts: [[UInt8]] = []
        var elements = outer.children
        while let element = try? elements.next() {
            guard element.tag == 0x80 || element.tag == 0x81 else {
                parts.append(Array(element.encoding))
                continue
            }
            let count = elementary.contents.count
            let size = element.value.indices.map { index in
                UInt8(truncatingIfNeeded: count >> (8 * (element.value.endIndex - 1 - index)))
            }
            parts.append(BERTLV.encode(tag: element.tag, size))
        }
        return BERTLV.encode(tag: outer.tag, parts: parts)
    }
}
