import CPCSC
import ISO7816

/// A reader's keypad by PC/SC part 10: the features that it announces, and
/// FEATURE_VERIFY_PIN_DIRECT.
struct PCSCPINPad: PINPad {
    private let handle: SCARDHANDLE
    private let verifyControlCode: DWORD

    /// nil for a reader without a keypad for codes.
    init?(handle: SCARDHANDLE) {
        guard let features = try? PCSCPINPad.control(handle, cps_get_feature_request(), []),
            let code = PCSCPINPad.controlCode(of: UInt8(FEATURE_VERIFY_PIN_DIRECT), in: features)
        else { return nil }
        self.handle = handle
        verifyControlCode = code
    }

    /// Features are elements of a tag, a length of 4 and a big-endian control code
    /// (PC/SC part 10 §2.2).
    private static func controlCode(of feature: UInt8, in features: [UInt8]) -> DWORD? {
        var rest = features[...]
        while let tag = rest.popFirst(), let length = rest.popFirst(), rest.count >= Int(length) {
            let value = rest.prefix(Int(length))
            if tag == feature, length == 4 { return value.reduce(DWORD(0)) { $0 << 8 | DWORD($1) } }
            rest = rest.dropFirst(Int(length))
        }
        return nil
    }

    func verify(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        let answer = try PCSCPINPad.control(handle, verifyControlCode, PCSCPINPad.structure(entry))
        return try ResponseAPDU(parsing: answer).status
    }

    /// French, as the cards' holders read.
    private static let language: UInt16 = 0x040C

    /// PIN_VERIFY_STRUCTURE, multi-byte fields in the machine's byte order (little
    /// endian): the digits as ASCII characters, left-justified; a code that is
    /// sent as long as it is has Lc set by the reader.
    private static func structure(_ entry: PINEntry) -> [UInt8] {
        let padding = entry.paddedLength.map { [UInt8](repeating: entry.paddingByte, count: $0) } ?? []
        let command = entry.header + [UInt8(truncatingIfNeeded: padding.count)] + padding
        var bytes: [UInt8] = [
            0x00,  // bTimeOut: the reader's own
            0x00,  // bTimeOut2
            0x82,  // bmFormatString: position in bytes, left-justified, ASCII
            UInt8(truncatingIfNeeded: padding.count & 0x0F),  // bmPINBlockString: size of the block
            0x00,  // bmPINLengthFormat: no length in the block
            UInt8(truncatingIfNeeded: entry.maximumLength),  // wPINMaxExtraDigit: maximum,
            UInt8(truncatingIfNeeded: entry.minimumLength),  // and minimum
            0x02,  // bEntryValidationCondition: validation key
            0x01,  // bNumberMessage
            UInt8(truncatingIfNeeded: language), UInt8(truncatingIfNeeded: language >> 8),  // wLangId
            0x00,  // bMsgIndex
            0x00, 0x00, 0x00,  // bTeoPrologue
        ]
        bytes += [UInt8(truncatingIfNeeded: command.count), 0x00, 0x00, 0x00]  // ulDataLength
        return bytes + command
    }

    /// A control command to the reader.
    private static func control(_ handle: SCARDHANDLE, _ code: DWORD, _ input: [UInt8]) throws(ChannelError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 512)
        var length: DWORD = 0
        try ChannelError.check(
            unsafe SCardControl(handle, code, input, DWORD(input.count), &output, DWORD(output.count), &length))
        return Array(output.prefix(Int(length)))
    }
}
