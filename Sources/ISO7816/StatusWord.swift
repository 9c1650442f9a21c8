// SPDX-License-Identifier: Apache-2.0

/// The status bytes SW1 and SW2 at the end of every response (ISO/IEC 7816-4 §5.6).
public struct StatusWord: RawRepresentable, Hashable, Sendable {
    /// SW1 in the high byte, SW2 in the low one.
    public let rawValue: UInt16

    /// Makes a status from its number, 0x9000 for example.
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// Makes a status from the last two bytes of a response.
    public init(_ sw1: UInt8, _ sw2: UInt8) { rawValue = UInt16(sw1) << 8 | UInt16(sw2) }  // checked: a byte each

    /// The first byte: the kind of status.
    public var sw1: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }
    /// The second byte: details, or a count.
    public var sw2: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    /// The command succeeded.
    public static let success = StatusWord(rawValue: 0x9000)
    /// READ BINARY returned fewer bytes than requested. The bytes are valid.
    public static let endOfFileReached = StatusWord(rawValue: 0x6282)
    /// Lc or Le is wrong. Also the answer to an Le that the card or its reader does not support.
    public static let wrongLength = StatusWord(rawValue: 0x6700)
    /// The logical channel is not open. CPS4: another program closed it (cards.md §1.6).
    public static let logicalChannelNotSupported = StatusWord(rawValue: 0x6881)
    /// The command or file needs a PIN that is not presented.
    public static let securityStatusNotSatisfied = StatusWord(rawValue: 0x6982)
    /// The PIN is blocked.
    public static let authenticationMethodBlocked = StatusWord(rawValue: 0x6983)
    /// The PIN cannot be used. A CPS3 also answers this for a blocked PIN (cards.md §3.4).
    public static let referenceDataNotUsable = StatusWord(rawValue: 0x6984)
    /// The command is not possible in this state of the card.
    public static let conditionsOfUseNotSatisfied = StatusWord(rawValue: 0x6985)
    /// The command is not allowed, for example READ BINARY without a selected file.
    public static let commandNotAllowed = StatusWord(rawValue: 0x6986)
    /// The card refuses the data field. After a decryption: the padding is wrong.
    public static let incorrectData = StatusWord(rawValue: 0x6A80)
    /// The card does not support the function.
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
    /// The selected application does not support this INS.
    public static let instructionNotSupported = StatusWord(rawValue: 0x6D00)
    /// The selected application does not support this CLA: another application is selected.
    public static let classNotSupported = StatusWord(rawValue: 0x6E00)
    /// The card failed without a precise reason.
    public static let noPreciseDiagnosis = StatusWord(rawValue: 0x6F00)

    /// Whether the status is 9000. 61xx is not a success: its data is not fetched yet.
    public var isSuccess: Bool { self == .success }

    /// 61xx: the number of response bytes that GET RESPONSE can fetch, 1 to 256; nil for others.
    public var bytesAvailable: Int? {
        guard sw1 == 0x61 else { return nil }
        return sw2 == 0 ? 256 : Int(sw2)
    }

    /// 6Cxx: the Le to repeat the command with, 1 to 256; nil for others.
    public var correctLength: Int? {
        guard sw1 == 0x6C else { return nil }
        return sw2 == 0 ? 256 : Int(sw2)
    }

    /// 63Cx: the number of tries left, 0 to 15; nil for others.
    public var triesLeft: Int? {
        guard sw1 == 0x63, sw2 & 0xF0 == 0xC0 else { return nil }
        return Int(sw2 & 0x0F)
    }
}

extension StatusWord: CustomStringConvertible {
    /// Four hexadecimal digits, as in the documents.
    public var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
