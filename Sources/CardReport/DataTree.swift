// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// Data objects as lines of text that people can read, and that can be turned back into bytes:
///
///     30
///       0C "Certificat de Signature CPS"
///       06 1.2.840.113549.1.1.5
///       04 <20 bytes: A>
///     padding 16 bytes of 00
///
/// Two spaces for each level, the tag, then the value: hexadecimal, a text, an object identifier,
/// or the number of bytes that are not shown. At level 0 there may also be a line `bytes 80`, and at any level
/// `rest <9 bytes>`, which are no data objects.
public enum DataTree {
    /// The value of a primitive data object, as it is shown.
    public enum Leaf: Equatable, Sendable {
        case bytes([UInt8])
        /// Without quotation marks and control characters; written in UTF-8.
        case text(String)
        case objectIdentifier([UInt8])
        /// Not shown. Equal names stand for equal bytes.
        case hidden(count: Int, name: String)
    }

    /// Writes data objects as lines.
    /// - Parameter show: decides how the value of a primitive data object is shown, from its tag, value and level.
    public static func lines(
        of bytes: [UInt8], show: (_ tag: UInt32, _ value: [UInt8], _ level: Int) -> Leaf
    ) -> [String] {
        var lines: [String] = []
        write(bytes[...], level: 0, to: &lines, show)
        return lines
    }

    /// A byte in front of data objects, shown.
    public static func line(ofPlainByte byte: UInt8) -> String { "bytes \(Hexadecimal.encode([byte]))" }

    /// Data objects below this level are not looked into. Known cards need eight.
    private static let mostLevels = 16
    /// A card's file has at most 32 kB.
    private static let mostBytes = 0x8000

    /// The bytes that lines stand for; nil if they cannot be understood.
    /// - Parameter fill: gives so many bytes in place of those that are not shown.
    public static func bytes(of lines: [String], fill: (_ count: Int, _ name: String) -> [UInt8]) -> [UInt8]? {
        var rest = lines[...]
        let bytes = read(&rest, level: 0, fill)
        return rest.isEmpty ? bytes : nil
    }

    // MARK: Writing

    private static func write(
        _ bytes: ArraySlice<UInt8>, level: Int, to lines: inout [String],
        _ show: (_ tag: UInt32, _ value: [UInt8], _ level: Int) -> Leaf
    ) {
        let indent = String(repeating: "  ", count: level)
        var reader = BERTLVReader(bytes)
        while let first = reader.remaining.first {
            let rest = reader.remaining
            if level == 0, first == 0x00 || first == 0xFF, rest.allSatisfy({ $0 == first }) {
                lines.append("padding \(rest.count) bytes of \(Hexadecimal.encode([first]))")
                return
            }
            guard let element = try? reader.next() else {
                lines.append("\(indent)rest <\(rest.count) bytes>")
                return
            }
            let head = indent + tagText(element.tag)
            if element.isConstructed, level < mostLevels, isSeries(element.value) {
                lines.append(head)
                write(element.value, level: level + 1, to: &lines, show)
            } else {
                let text = leafText(show(element.tag, Array(element.value), level))
                lines.append(text.isEmpty ? head : "\(head) \(text)")
            }
        }
    }

    /// Whether bytes are data objects to the end.
    private static func isSeries(_ bytes: ArraySlice<UInt8>) -> Bool {
        var reader = BERTLVReader(bytes)
        while !reader.isAtEnd {
            guard (try? reader.next()) != nil else { return false }
        }
        return true
    }

    private static func tagText(_ tag: UInt32) -> String {
        var bytes: [UInt8] = []
        for shift in [24, 16, 8, 0] as [UInt32] where shift == 0 || tag >> shift != 0 {
            bytes.append(UInt8(truncatingIfNeeded: tag >> shift))
        }
        return Hexadecimal.encode(bytes)
    }

    private static func leafText(_ leaf: Leaf) -> String {
        switch leaf {
        case .bytes(let bytes): Hexadecimal.encode(bytes, separator: " ")
        case .text(let text): "\"\(text)\""
        case .objectIdentifier(let bytes): dotted(bytes) ?? "<\(bytes.count) bytes: object identifier>"
        case .hidden(let count, let name): "<\(count) bytes: \(name)>"
        }
    }

    // MARK: Reading

    private static func read(
        _ lines: inout ArraySlice<String>, level: Int, _ fill: (_ count: Int, _ name: String) -> [UInt8]
    ) -> [UInt8]? {
        guard level <= mostLevels else { return nil }
        let indent = String(repeating: "  ", count: level)
        var bytes: [UInt8] = []
        while bytes.count <= mostBytes, let line = lines.first, line.hasPrefix(indent),
            !line.dropFirst(indent.count).hasPrefix(" ")
        {
            lines.removeFirst()
            let words = line.dropFirst(indent.count).split(separator: " ", maxSplits: 1)
            guard let head = words.first else { return nil }
            let value = words.count > 1 ? words[1] : ""
            switch head {
            case "bytes":
                guard let plain = Hexadecimal.decode(value) else { return nil }
                bytes += plain
            case "padding":
                let parts = value.split(separator: " ")
                guard let count = parts.first.flatMap({ Int($0) }), (0...mostBytes).contains(count),
                    let byte = parts.last.flatMap({ Hexadecimal.decode($0) }), byte.count == 1
                else { return nil }
                bytes += [UInt8](repeating: byte[0], count: count)
            case "rest":
                guard let count = hiddenCount(value) else { return nil }
                bytes += fill(count, "rest")
            default:
                guard let tagBytes = Hexadecimal.decode(head), (1...4).contains(tagBytes.count) else { return nil }
                let tag = tagBytes.reduce(0) { $0 << 8 | UInt32($1) }
                let content: [UInt8]?
                if let next = lines.first, next.hasPrefix(indent + "  ") {
                    content = read(&lines, level: level + 1, fill)
                } else {
                    content = leafBytes(value, tag, fill)
                }
                guard let content else { return nil }
                bytes += BERTLV.encode(tag: tag, content)
            }
        }
        return bytes
    }

    private static func leafBytes(
        _ text: Substring, _ tag: UInt32, _ fill: (_ count: Int, _ name: String) -> [UInt8]
    ) -> [UInt8]? {
        if text.isEmpty { return [] }
        if text.first == "\"" { return text.count > 1 ? Array(text.dropFirst().dropLast().utf8) : nil }
        if text.first == "<" {
            guard let count = hiddenCount(text) else { return nil }
            return fill(count, String(text.split(separator: ": ", maxSplits: 1).last?.dropLast() ?? ""))
        }
        if text.contains(".") { return objectIdentifier(text) }
        return Hexadecimal.decode(text)
    }

    private static func hiddenCount(_ text: Substring) -> Int? {
        guard text.hasPrefix("<"), text.hasSuffix(">"),
            let count = text.dropFirst().split(separator: " ").first.flatMap({ Int($0) }),
            (0...mostBytes).contains(count)
        else { return nil }
        return count
    }

    // MARK: Object identifiers (X.690 §8.19)

    /// nil if the bytes are not an object identifier in its only encoding.
    private static func dotted(_ bytes: [UInt8]) -> String? {
        var arcs: [UInt64] = []
        var arc: UInt64 = 0
        for byte in bytes {
            guard arc < 1 << 56 else { return nil }
            arc = arc << 7 | UInt64(byte & 0x7F)
            guard byte & 0x80 == 0 else { continue }
            arcs.append(arc)
            arc = 0
        }
        guard let first = arcs.first else { return nil }
        let top = min(first / 40, 2)
        let text = ([top, first - top * 40] + arcs.dropFirst()).map { "\($0)" }.joined(separator: ".")
        return objectIdentifier(text[...]) == bytes ? text : nil
    }

    private static func objectIdentifier(_ text: Substring) -> [UInt8]? {
        let arcs = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt64($0) }
        guard arcs.count >= 2, let top = arcs[0], top <= 2, let second = arcs[1], second < 1 << 56 else { return nil }
        var bytes: [UInt8] = []
        for arc in [top * 40 + second] + arcs.dropFirst(2).map({ $0 ?? .max }) {
            guard arc < 1 << 62 else { return nil }
            var groups = [UInt8(arc & 0x7F)]
            var rest = arc >> 7
            while rest > 0 {
                groups.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
                rest >>= 7
            }
            bytes += groups
        }
        return bytes
    }
}
