// SPDX-License-Identifier: Apache-2.0

/// The status bytes SW1-SW2 that end every response (ISO/IEC 7816-4 §5.6).
public struct StatusWord: RawRepresentable, Hashable, Sendable {
    /// SW1 in the high byte, SW2 in the low one.
    public let rawValue: UInt16

    /// Makes a status from the number that the documents write, 0x9000 for example.
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// Makes a status from the last two bytes of a response.
    public init(_ sw1: UInt8, _ sw2: UInt8) { rawValue = UInt16(sw1) << 8 | UInt16(sw2) }  // checked: a byte each

    /// The first byte: the kind of answer.
    public var sw1: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }
    /// The second byte: more about it, or a number.
    public var sw2: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    /// The command was done.
    public static let success = StatusWord(rawValue: 0x9000)
    /// READ BINARY returned fewer bytes than asked for. The bytes are good.
    public static let endOfFileReached = StatusWord(rawValue: 0x6282)
    /// Lc or Le does not fit; also the answer to a Le larger than the card or its reader can give.
    public static let wrongLength = StatusWord(rawValue: 0x6700)
    /// The logical channel is not open. CPS4: another program closed it (cards.md §1.6).
    public static let logicalChannelNotSupported = StatusWord(rawValue: 0x6881)
    /// A PIN is missing that this command or file needs.
    public static let securityStatusNotSatisfied = StatusWord(rawValue: 0x6982)
    /// The PIN is blocked.
    public static let authenticationMethodBlocked = StatusWord(rawValue: 0x6983)
    /// The PIN cannot be used; a CPS3 says this of a blocked one too (cards.md §3.4).
    public static let referenceDataNotUsable = StatusWord(rawValue: 0x6984)
    /// The command is not possible in this state of the card.
    public static let conditionsOfUseNotSatisfied = StatusWord(rawValue: 0x6985)
    /// The command is not allowed, as READ BINARY without a selected file.
    public static let commandNotAllowed = StatusWord(rawValue: 0x6986)
    /// The card does not accept the data field; to a decryption: the padding is wrong.
    public static let incorrectData = StatusWord(rawValue: 0x6A80)
    /// The card does not know the function.
    public static let functionNotSupported = StatusWord(rawValue: 0x6A81)
    /// No such file or application.
    public static let fileNotFound = StatusWord(rawValue: 0x6A82)
    /// The file has no room for the data.
    public static let notEnoughMemory = StatusWord(rawValue: 0x6A84)
    /// P1 or P2 is wrong.
    public static let incorrectParameters = StatusWord(rawValue: 0x6A86)
    /// No such PIN, key or data object.
    public static let referencedDataNotFound = StatusWord(rawValue: 0x6A88)
    /// The offset is outside of the file.
    public static let wrongParameters = StatusWord(rawValue: 0x6B00)
    /// The selected application does not know INS.
    public static let instructionNotSupported = StatusWord(rawValue: 0x6D00)
    /// The selected application does not know CLA, which is how another application shows.
    public static let classNotSupported = StatusWord(rawValue: 0x6E00)
    /// The card failed and does not say why.
    public static let noPreciseDiagnosis = StatusWord(rawValue: 0x6F00)

    /// Whether the status is 9000; 61xx is not, since its data has yet to be fetched.
    public var isSuccess: Bool { self == .success }

    /// 61xx: how many response bytes wait for GET RESPONSE, 1 to 256.
    public var bytesAvailable: Int? {
        guard sw1 == 0x61 else { return nil }
        return sw2 == 0 ? 256 : Int(sw2)
    }

    /// 6Cxx: the Le to repeat the command with, 1 to 256.
    public var correctLength: Int? {
        guard sw1 == 0x6C else { return nil }
        return sw2 == 0 ? 256 : Int(sw2)
    }

    /// 63Cx: how many tries are left, 0 to 15.
    public var triesLeft: Int? {
        guard sw1 == 0x63, sw2 & 0xF0 == 0xC0 else { return nil }
        return Int(sw2 & 0x0F)
    }
}

extension StatusWord: CustomStringConvertible {
    /// Four hexadecimal digits, as the documents write it.
    public var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
