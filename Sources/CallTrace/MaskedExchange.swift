// SPDX-License-Identifier: Apache-2.0

/// Masks the commands and responses of one connection. Only what is known to be harmless is visible: headers and
/// status words, selections, GET DATA with its response (retry counters), and the card's directory files.
struct MaskedExchange {
    /// The identifier of the selected file, if known.
    private var selectedFile: UInt16?
    /// The new value of `selectedFile` if the current command succeeds.
    private var selection: UInt16??
    private var showsResponse = false

    /// ISO/IEC 7816-4 and -8 instructions.
    private enum Instruction {
        static let select: UInt8 = 0xA4
        static let readBinary: UInt8 = 0xB0
        static let getResponse: UInt8 = 0xC0
        static let getData: Set<UInt8> = [0xCA, 0xCB]
        static let manageSecurityEnvironment: UInt8 = 0x22
        /// VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER.
        static let withPIN: Set<UInt8> = [0x20, 0x21, 0x24, 0x25, 0x2C, 0x2D]
    }

    /// The class of the CPS2ter application. All its files are data.
    private static let cps2terClass: UInt8 = 0xA0

    /// Whether a file contains only the card's structure (cards.md §2.1): EF.DIR, EF.ATR, EF.SN, EF_ACTUA, ODF,
    /// TokenInfo, and the directories of PINs, keys, certificates and data objects.
    private static func isDirectory(_ file: UInt16) -> Bool {
        switch file {
        case 0x2F00, 0x2F01, 0xD003, 0xD010, 0x5031, 0x5032, 0x7000...0x71FF: true
        default: false
        }
    }

    /// Masks a command. The next response belongs to it. Hidden bytes are not even copied.
    mutating func command(_ bytes: Span<UInt8>) -> MaskedBytes {
        selection = nil
        guard bytes.count >= 4 else {
            showsResponse = false
            return MaskedBytes([.hidden(bytes.count)])
        }
        let (cla, ins, p1) = (bytes[0], bytes[1], bytes[2])  // checked: four bytes or more, see above
        let isCPS2ter = cla == MaskedExchange.cps2terClass
        switch ins {
        case Instruction.select:
            selection = .some(isCPS2ter ? nil : MaskedExchange.selectedFile(by: bytes))
            showsResponse = !isCPS2ter
        case Instruction.readBinary:
            // With the first bit of P1 set, a short identifier names the file.
            showsResponse =
                !isCPS2ter && p1 & 0x80 == 0 && selectedFile.map(MaskedExchange.isDirectory) ?? false
        case Instruction.getResponse:
            break  // the command that it continues decides
        default:
            showsResponse = Instruction.getData.contains(ins)
        }
        let showsData =
            ins == Instruction.select || ins == Instruction.manageSecurityEnvironment
            || Instruction.getData.contains(ins)
        if bytes.count <= 5 || showsData { return MaskedBytes(MaskedExchange.shown(bytes, 0..<bytes.count)) }
        // The length of a PIN is secret too.
        if Instruction.withPIN.contains(ins) {
            return MaskedBytes(MaskedExchange.shown(bytes, 0..<4) + [.hidden(nil)])
        }
        let end = min(5 + Int(bytes[4]), bytes.count)  // checked: more than five, by the caller
        // checked: end is at most the count
        let expectedLength = MaskedExchange.shown(bytes, end..<bytes.count)
        return MaskedBytes(MaskedExchange.shown(bytes, 0..<5) + [.hidden(end - 5)] + expectedLength)
    }

    /// The file that SELECT selects; nil for an application, or none.
    private static func selectedFile(by command: Span<UInt8>) -> UInt16? {
        guard command.count > 5, command[2] != 0x04 else { return nil }  // checked: more than five, counted first
        let end = 5 + Int(command[4])  // checked: more than five, see above
        guard command[4] >= 2, end <= command.count else { return nil }  // checked: more than five, see above
        // checked: end is 7 or more, and at most the count; a byte each
        return UInt16(command[end - 2]) << 8 | UInt16(command[end - 1])
    }

    private static func shown(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [MaskedBytes.Element] {
        var part: [MaskedBytes.Element] = []
        for index in range { part.append(.byte(bytes[index])) }  // checked: within the bytes, by the callers
        return part
    }

    /// Masks a response.
    mutating func response(_ bytes: [UInt8]) -> MaskedBytes {
        let status = bytes.suffix(2)
        if let selection {
            let succeeded = status.first == 0x90 || status.first == 0x61
            selectedFile = succeeded ? selection : nil
            self.selection = nil
        }
        let isHidden = bytes.count > 2 && !showsResponse
        let data: [MaskedBytes.Element] =
            isHidden ? [.hidden(bytes.count - 2)] : bytes.dropLast(2).map { .byte($0) }
        return MaskedBytes(data + status.map { .byte($0) })
    }

    /// To be called when another program, or a reset, may have selected something else.
    mutating func forgetSelection() {
        selectedFile = nil
        showsResponse = false
    }
}
