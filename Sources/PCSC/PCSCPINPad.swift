// SPDX-License-Identifier: Apache-2.0

import CPCSC
import ISO7816

/// A reader's keypad according to PC/SC part 10, with the features FEATURE_VERIFY_PIN_DIRECT and
/// FEATURE_MODIFY_PIN_DIRECT.
struct PCSCPINPad: PINPad {
    private let handle: SCARDHANDLE
    private let verifyControlCode: DWORD
    private let modifyControlCode: DWORD?

    /// nil for a reader without a keypad for PINs. To be called during a transaction: if another program has
    /// exclusive access, the reader does not answer either.
    init?(handle: SCARDHANDLE) {
        guard let features = try? PCSCPINPad.control(handle, cps_get_feature_request(), []),
            let code = PCSCPINPad.controlCode(of: FEATURE_VERIFY_PIN_DIRECT, in: features)
        else { return nil }
        self.handle = handle
        verifyControlCode = code
        modifyControlCode = PCSCPINPad.controlCode(of: FEATURE_MODIFY_PIN_DIRECT, in: features)
    }

    /// Features are elements of a tag, a length of 4 and a big-endian control code (PC/SC part 10 §2.2).
    static func controlCode(of feature: Int32, in features: [UInt8]) -> DWORD? {
        var rest = features[...]
        while let tag = rest.popFirst(), let length = rest.popFirst(), rest.count >= Int(length) {
            let value = rest.prefix(Int(length))
            // checked: a byte
            if Int32(tag) == feature, length == 4 { return value.reduce(DWORD(0)) { $0 << 8 | DWORD($1) } }
            rest = rest.dropFirst(Int(length))
        }
        return nil
    }

    func verify(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        let answer = try PCSCPINPad.control(handle, verifyControlCode, PCSCPINPad.verifyStructure(entry))
        return try ResponseAPDU(parsing: answer).status
    }

    var takesNewPINs: Bool { modifyControlCode != nil }

    func modify(_ entry: PINEntry) throws(ChannelError) -> StatusWord {
        guard let modifyControlCode else { throw .other(Int(SCARD_E_UNSUPPORTED_FEATURE)) }
        let answer = try PCSCPINPad.control(handle, modifyControlCode, PCSCPINPad.modifyStructure(entry))
        return try ResponseAPDU(parsing: answer).status
    }

    /// French, the language of the cards' holders.
    private static let french: UInt16 = 0x040C

    /// PIN_VERIFY_STRUCTURE.
    private static func verifyStructure(_ entry: PINEntry) -> [UInt8] {
        let bytes: [UInt8] =
            timeouts + format(entry) + digits(entry) + [
                0x02,  // bEntryValidationCondition: validation key
                0x01,  // bNumberMessage
            ] + language + [
                0x00  // bMsgIndex: "enter the PIN"
            ]
        return bytes + prologue + command(entry)
    }

    /// PIN_MODIFY_STRUCTURE. The new PIN is typed twice, after the old one if the command also carries that.
    private static func modifyStructure(_ entry: PINEntry) -> [UInt8] {
        let hasOld = entry.carriesOldPIN
        let offsets: [UInt8] = [
            0x00,  // bInsertionOffsetOld
            hasOld ? UInt8(truncatingIfNeeded: block(entry).count) : 0x00,  // bInsertionOffsetNew
        ]
        let bytes: [UInt8] =
            timeouts + format(entry) + offsets + digits(entry) + [
                hasOld ? 0x03 : 0x01,  // bConfirmPIN: bit 0 confirmation, bit 1 entry of the old PIN
                0x02,  // bEntryValidationCondition: validation key
                hasOld ? 0x03 : 0x02,  // bNumberMessage: as many as entries
            ] + language + messages(hasOld: hasOld)
        return bytes + prologue + command(entry)
    }

    /// bMsgIndex1 to bMsgIndex3: 0 "enter the PIN", 1 "enter the new PIN", 2 "confirm the new PIN".
    private static func messages(hasOld: Bool) -> [UInt8] { hasOld ? [0x00, 0x01, 0x02] : [0x01, 0x02, 0x00] }

    // Common to both structures. Multi-byte fields have the machine's byte order (little endian).

    /// bTimeOut, bTimeOut2: the reader's defaults.
    private static let timeouts: [UInt8] = [0x00, 0x00]

    /// The digits as ASCII characters, left-justified.
    private static func format(_ entry: PINEntry) -> [UInt8] {
        [
            0x82,  // bmFormatString: position 0, in bytes, left-justified, ASCII
            UInt8(truncatingIfNeeded: block(entry).count),  // bmPINBlockString: size of the block
            0x00,  // bmPINLengthFormat: no length in the block
        ]
    }

    /// wPINMaxExtraDigit: the greatest and the least number of digits.
    private static func digits(_ entry: PINEntry) -> [UInt8] {
        [UInt8(truncatingIfNeeded: entry.maximumLength), UInt8(truncatingIfNeeded: entry.minimumLength)]
    }

    /// wLangId.
    private static let language = [UInt8(truncatingIfNeeded: french), UInt8(truncatingIfNeeded: french >> 8)]

    /// bTeoPrologue.
    private static let prologue: [UInt8] = [0x00, 0x00, 0x00]

    /// ulDataLength and abData: the command around the digits. For an unpadded PIN the reader sets Lc.
    private static func command(_ entry: PINEntry) -> [UInt8] {
        let block = entry.carriesOldPIN ? block(entry) + block(entry) : block(entry)
        let command = entry.header + [UInt8(truncatingIfNeeded: block.count)] + block
        return [UInt8(truncatingIfNeeded: command.count), 0x00, 0x00, 0x00] + command
    }

    /// The padding under the digits; empty without padding.
    private static func block(_ entry: PINEntry) -> [UInt8] {
        let size = min(max(entry.paddedLength ?? 0, 0), PINEntry.longestBlock)
        return [UInt8](repeating: entry.paddingByte, count: size)
    }

    /// Sends a control command to the reader.
    private static func control(_ handle: SCARDHANDLE, _ code: DWORD, _ input: [UInt8]) throws(ChannelError) -> [UInt8]
    {
        var output = [UInt8](repeating: 0, count: 512)
        var length: DWORD = 0
        try ChannelError.check(
            unsafe SCardControl(handle, code, input, DWORD(input.count), &output, DWORD(output.count), &length))
        return Array(output.prefix(Int(clamping: length)))
    }
}
