// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// How much of a file to read. The size of a file is not requested first: that response would be longer than many
/// files (cards.md §2.4).
enum FileExtent {
    /// Up to the end of the file.
    case whole
    /// Exactly this many bytes.
    case bytes(Int)
    /// The data object at the beginning, without the padding that may follow it.
    case firstElement
    /// The same, for a file with this length on every known card: with T=0 a card answers a longer length only with
    /// the right one, and the command must be repeated.
    case firstElementOf(Int)
    /// The first half of a certificate, up to its public key.
    case certificateFields
    /// Consecutive data objects, up to a tag 00 or FF.
    case elements

    /// Whether to request an answer again before using it. Two cases: padding after complete data objects, which is
    /// the end of the file or hides all the rest; and the same bytes as just before, which no directory or
    /// certificate has.
    func isDoubtful(_ answer: [UInt8], after data: [UInt8]) -> Bool {
        if case .whole = self { return false }
        if data.isEmpty { return false }
        let isPadding = answer.first.map { $0 == 0x00 || $0 == 0xFF } ?? true
        if case .elements = self, isPadding { return FileExtent.areWholeElements(data) }
        return answer.count > 1 && data.suffix(answer.count).elementsEqual(answer)
    }

    private static func areWholeElements(_ data: [UInt8]) -> Bool {
        var reader = BERTLVReader(data)
        while !reader.isAtEnd {
            guard (try? reader.next()) != nil else { return false }
        }
        return true
    }

    /// The number of bytes still to be read; nil if the next bytes are needed to know.
    func missing(after data: [UInt8]) -> Int? {
        switch self {
        case .whole:
            return nil
        case .bytes(let count):
            return count - data.count
        case .firstElementOf(let count) where data.isEmpty:
            return count
        case .firstElement, .firstElementOf:
            return BERTLVReader.encodedLength(of: data[...]).map { $0 - data.count }
        case .certificateFields:
            return X509Certificate.missingBytes(after: data)
        case .elements:
            var rest = data[...]
            while let first = rest.first {
                if first == 0x00 || first == 0xFF { return 0 }
                guard let length = BERTLVReader.encodedLength(of: rest), length < rest.count else { return nil }
                rest = rest.dropFirst(length)
            }
            return nil
        }
    }
}

extension CardCommands {
    /// Reads a file, or a part of it (SELECT, READ BINARY; cards.md §2.5).
    /// - Throws: `CardError.malformed(.truncated)` if the file is too short.
    func readFile(_ path: FilePath, offset: Int = 0, _ extent: FileExtent) throws(CardError) -> [UInt8] {
        let data: [UInt8]
        do throws(CardError) {
            data = try readSelectedFile(path, offset: offset, extent)
        } catch .status(.wrongLength) {
            // The card requires the exact length, so its size is requested after all.
            let size = try select(path).size ?? 0
            let rest = max(size - offset, 0)
            let wanted = if case .bytes(let count) = extent { min(count, rest) } else { rest }
            data = try readBinary(cla: applicationClass, offset: offset, .bytes(wanted))
        }
        if let missing = extent.missing(after: data), missing > 0 { throw .malformed(.truncated) }
        return data
    }

    /// Selects a file and reads it, without fetching the FCI. If the card refuses READ BINARY for that reason, the
    /// FCI is fetched from then on.
    private func readSelectedFile(_ path: FilePath, offset: Int, _ extent: FileExtent) throws(CardError) -> [UInt8] {
        try selectFile(path)
        let isUnfetched = exchange.hasLeftResponse
        do throws(CardError) {
            return try readBinary(cla: applicationClass, offset: offset, extent)
        } catch  where isUnfetched && error.mayWantSelectionFetched {
            return try exchange.fetchingEveryResponse { () throws(CardError) in
                try selectFile(path)
                return try readBinary(cla: applicationClass, offset: offset, extent)
            }
        }
    }

    /// Reads the selected file up to the requested extent, or the end of the file.
    func readBinary(cla: UInt8, offset start: Int = 0, _ extent: FileExtent) throws(CardError) -> [UInt8] {
        var data: [UInt8] = []
        var hasAskedAgain = false
        while true {
            let offset = start + data.count
            let wanted = min(extent.missing(after: data) ?? .max, exchange.longestReadLength)
            guard wanted > 0, offset <= 0x7FFF else { return data }
            var response = try answer(to: CommandAPDU(cla, 0xB0, offset: offset, expectedLength: wanted))
            defer { response.data.wipe() }
            if !hasAskedAgain, extent.isDoubtful(response.data, after: data) {
                hasAskedAgain = true
                continue
            }
            if response.data.isEmpty {
                switch response.status {
                case .success, .endOfFileReached, .wrongParameters:
                    return data
                case .wrongLength where exchange.giveUpLongResponses():
                    continue
                default:
                    throw .status(response.status)
                }
            }
            // Bytes with any other status are not file content.
            guard response.status.isSuccess || response.status == .endOfFileReached else {
                throw .status(response.status)
            }
            guard response.data.count <= wanted else { throw .channel(.malformedResponse) }
            data.appendLeavingNothing(response.data[...])
            exchange.noteRead(of: response.data.count, wanted: wanted)
            // A short answer is the last one, unless the card cannot return more at once.
            if response.data.count < wanted, response.data.count != exchange.maximumResponseLength { return data }
        }
    }

    /// Writes a value to a file, padded with zero bytes to the file's size (UPDATE BINARY; cards.md §5.4).
    /// - Throws: `CardError.valueTooLong` before anything is written.
    func updateFile(_ path: FilePath, with value: [UInt8]) throws(CardError) {
        let size = try select(path).size ?? 0
        guard value.count <= size, size <= 0x8000 else { throw .valueTooLong }
        let content = value + [UInt8](repeating: 0, count: size - value.count)
        var offset = 0
        while offset < content.count {
            // checked: offset is below the count
            let part = Array(content[offset..<min(offset + CommandAPDU.maximumDataLength, content.count)])
            _ = try send(CommandAPDU(applicationClass, 0xD6, offset: offset, data: part))
            offset += part.count
        }
    }
}

extension CardError {
    /// Whether READ BINARY may have been refused because the FCI was not fetched: the cause is not a missing PIN,
    /// another application or a wrong length.
    fileprivate var mayWantSelectionFetched: Bool {
        guard case .status(let status) = self else { return false }
        return !saysApplicationLost && status != .securityStatusNotSatisfied && status != .wrongLength
    }
}

extension CommandAPDU {
    /// A command on a part of the selected file (ISO/IEC 7816-4 §7.2.2).
    /// - Parameter offset: 0 to 0x7FFF.
    fileprivate init(_ cla: UInt8, _ ins: UInt8, offset: Int, data: [UInt8] = [], expectedLength: Int? = nil) {
        self.init(
            cla, ins, UInt8(truncatingIfNeeded: offset >> 8), UInt8(truncatingIfNeeded: offset), data: data,
            expectedLength: expectedLength)
    }
}
