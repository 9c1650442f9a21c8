// SPDX-License-Identifier: Apache-2.0

/// The libraries that a shared library needs, as its file says (System V ABI, "Dynamic Section");
/// of 64 bits, little-endian.
public struct SharedLibrary: Sendable {
    /// Their names, as `libnettle.so.8`.
    public let needed: [String]

    /// nil for what is no such file, or a damaged one.
    public init?(_ bytes: [UInt8]) {
        let file = ELFBytes(bytes)
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), let table = file.number(at: 32, 8),
            let size = file.number(at: 54, 2), let count = file.number(at: 56, 2)
        else { return nil }
        var segments: [Segment] = []
        for index in 0..<count {
            guard let segment = Segment(file, at: table &+ index &* size) else { return nil }
            segments.append(segment)
        }
        guard let dynamic = segments.first(where: { $0.kind == Segment.dynamic }) else { return nil }
        var names: [UInt64] = []
        var strings: UInt64?
        for offset in stride(from: dynamic.offset, to: dynamic.offset &+ min(dynamic.size, 1 << 16), by: 16) {
            guard let tag = file.number(at: offset, 8), let value = file.number(at: offset &+ 8, 8) else { return nil }
            if tag == 0 { break }
            if tag == Tag.needed { names.append(value) }
            if tag == Tag.strings { strings = segments.lazy.compactMap { $0.offset(of: value) }.first }
        }
        guard let strings else { return nil }
        let texts = names.compactMap { file.string(at: strings &+ $0) }
        guard texts.count == names.count else { return nil }
        needed = texts
    }

    private enum Tag {
        /// DT_NEEDED, DT_STRTAB.
        static let needed: UInt64 = 1, strings: UInt64 = 5
    }

    private struct Segment {
        /// PT_LOAD, PT_DYNAMIC.
        static let load: UInt64 = 1, dynamic: UInt64 = 2
        let kind: UInt64, offset: UInt64, address: UInt64, size: UInt64

        init?(_ file: ELFBytes, at place: UInt64) {
            guard let kind = file.number(at: place, 4), let offset = file.number(at: place &+ 8, 8),
                let address = file.number(at: place &+ 16, 8), let size = file.number(at: place &+ 32, 8)
            else { return nil }
            (self.kind, self.offset, self.address, self.size) = (kind, offset, address, size)
        }

        /// Where in the file an address of memory is; nil when it is not in this segment.
        func offset(of place: UInt64) -> UInt64? {
            guard kind == Segment.load, place >= address, place &- address < size else { return nil }
            return offset &+ (place &- address)
        }
    }
}

/// Numbers and strings in the bytes of a file, nil beyond their end.
private struct ELFBytes {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func number(at place: UInt64, _ size: Int) -> UInt64? {
        guard let start = Int(exactly: place), start >= 0, start <= bytes.count - size else { return nil }
        return bytes[start..<start + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    func string(at place: UInt64) -> String? {
        guard let start = Int(exactly: place), bytes.indices.contains(start) else { return nil }
        let text = bytes[start...].prefix { $0 != 0 }
        guard text.endIndex < bytes.endIndex, text.count < 256 else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}
