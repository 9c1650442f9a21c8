// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// How much of a file is wanted. Files are read without asking for their size
/// first: that answer would be longer than many of the files (cards.md §2.4).
enum FileExtent {
    /// To the end of the file.
    case whole
    /// Exactly so many bytes.
    case bytes(Int)
    /// The data object at the beginning, without the padding that may follow it.
    case firstElement
    /// The same, of a file that is so long on every known card: with T=0 a card
    /// answers to a longer length with the right one only, and wants to be asked again.
    case firstElementOf(Int)
    /// The first half of a certificate, up to its public key.
    case certificateFields
    /// Data objects one after the other, up to where 00 or FF stands for a tag.
    case elements

    /// Whether an answer is worth a second look before it is believed: padding behind
    /// whole data objects, which is the end of the file, or would hide all the rest;
    /// and bytes that have just come before, which no directory or certificate has.
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

    /// How many bytes are still wanted after these; nil where only the next ones
    /// will tell.
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
    /// - Throws: `CardError.malformed(.truncated)` when the file ends before what
    ///   is wanted does.
    func readFile(_ path: FilePath, offset: Int = 0, _ extent: FileExtent) throws(CardError) -> [UInt8] {
        let data: [UInt8]
        do throws(CardError) {
            data = try readSelectedFile(path, offset: offset, extent)
        } catch .status(.wrongLength) {
            // A card that wants the exact length: ask for the size after all.
            let size = try select(path).size ?? 0
            let rest = max(size - offset, 0)
            let wanted = if case .bytes(let count) = extent { min(count, rest) } else { rest }
            data = try readBinary(cla: applicationClass, offset: offset, .bytes(wanted))
        }
        if let missing = extent.missing(after: data), missing > 0 { throw .malformed(.truncated) }
        return data
    }

    /// Selects a file and reads it. The FCI, which nobody needs, is left unfetched: only
    /// if the card refuses to be read like that it is fetched, for the rest of the
    /// connection.
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

    /// Reads the selected file until there is enough, or no more.
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
            // Bytes that come with any other status are no file.
            guard response.status.isSuccess || response.status == .endOfFileReached else {
                throw .status(response.status)
            }
            guard response.data.count <= wanted else { throw .channel(.malformedResponse) }
            data.appendLeavingNothing(response.data[...])
            exchange.noteRead(of: response.data.count, wanted: wanted)
            // A short answer is the last one, unless the card gives no more at once.
            if response.data.count < wanted, response.data.count != exchange.maximumResponseLength { return data }
        }
    }

    /// Replaces the first bytes of a file (UPDATE BINARY; cards.md §5.4).
    /// - Throws: `CardError.valueTooLong` before a byte is written.
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
    /// Whether a refusal of READ BINARY may come of the FCI that was not fetched: not
    /// for want of a PIN or of our application, and not where the length is wrong.
    fileprivate var mayWantSelectionFetched: Bool {
        guard case .status(let status) = self else { return false }
        return !saysApplicationLost && status != .securityStatusNotSatisfied && status != .wrongLength
    }
}

extension CommandAPDU {
    /// A command on a part of the selected file (ISO/IEC 7816-4 §7.2.2).
    /// - Parameter offset: 0 to 7FFF.
    fileprivate init(_ cla: UInt8, _ ins: UInt8, offset: Int, data: [UInt8] = [], expectedLength: Int? = nil) {
        self.init(
            cla, ins, UInt8(truncatingIfNeeded: offset >> 8), UInt8(truncatingIfNeeded: offset), data: data,
            expectedLength: expectedLength)
    }
}
