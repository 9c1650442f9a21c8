// SPDX-License-Identifier: Apache-2.0

import CPSCard
import HostCryptography
import SmartCardBytes

/// The format of one card's file (docs/architecture.md, "The cache"): a version, the time of writing, the card's
/// state, the card's files, and a SHA-256 hash of all that. Numbers are big-endian.
enum CacheFile {
    /// The first bytes of the file. The last of them is the version.
    private static let signature: [UInt8] = Array("CPS-CACHE".utf8) + [1]

    /// The longest file in bytes: more than a card's directories, certificates and public data need.
    static let longest = 64 * 1024

    /// After this many seconds the card's files are read from the card again, even if the card was not updated: so a
    /// garbled file does not stay forever.
    static let lifetime: UInt64 = 30 * 24 * 3600

    /// - Returns: nil if the record is too long.
    static func encode(_ record: CardRecord, of card: CardFingerprint, at time: UInt64) -> [UInt8]? {
        var bytes = signature + number(time, 8) + [record.givesLongResponses ? 1 : 0]
        bytes += number(UInt64(card.state.count), 2) + card.state
        bytes += number(UInt64(record.files.count), 2)
        for (path, file) in record.files.sorted(by: { $0.key.description < $1.key.description }) {
            guard path.bytes.count <= 255, file.count <= 0xFFFF else { return nil }
            bytes += number(UInt64(path.bytes.count), 1) + path.bytes
            bytes += number(UInt64(file.count), 2) + file
        }
        bytes += HashContext.digest(of: bytes, with: .sha256)
        return bytes.count <= longest ? bytes : nil
    }

    /// - Returns: nil for bytes that are damaged, too old, of another version, or of another card or state.
    static func decode(_ bytes: [UInt8], of card: CardFingerprint, at time: UInt64) -> CardRecord? {
        let hashLength = HashAlgorithm.sha256.digestLength
        guard bytes.count <= longest, bytes.count > hashLength,
            HashContext.digest(of: Array(bytes.dropLast(hashLength)), with: .sha256) == Array(bytes.suffix(hashLength))
        else { return nil }
        return try? decode(ByteReader(bytes.dropLast(hashLength)), card, time)
    }

    private static func decode(
        _ content: ByteReader, _ card: CardFingerprint, _ time: UInt64
    ) throws(MalformedBytes) -> CardRecord? {
        var reader = content
        guard try reader.read(count: signature.count).elementsEqual(signature) else { return nil }
        let high = UInt64(try reader.readUnsigned(count: 4))
        let written = high << 32 | UInt64(try reader.readUnsigned(count: 4))
        guard written <= time, time - written < lifetime else { return nil }
        var record = CardRecord(givesLongResponses: try reader.readByte() == 1)
        let stateLength = Int(try reader.readUnsigned(count: 2))
        guard try reader.read(count: stateLength).elementsEqual(card.state) else { return nil }
        for _ in 0..<(try reader.readUnsigned(count: 2)) {
            let pathLength = Int(try reader.readByte())
            let path = FilePath(try reader.read(count: pathLength))
            let fileLength = Int(try reader.readUnsigned(count: 2))
            record.files[path] = Array(try reader.read(count: fileLength))  // checked: a dictionary
        }
        return reader.isAtEnd ? record : nil
    }

    /// When the file was written, in seconds since 1970. Only for bytes that `decode` accepts.
    static func time(of bytes: [UInt8]) -> UInt64 {
        bytes.dropFirst(signature.count).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func number(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
}
