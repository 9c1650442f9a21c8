// SPDX-License-Identifier: Apache-2.0

/// The keypad of a reader. A PIN typed there does not pass through the computer (PC/SC part 10,
/// FEATURE_VERIFY_PIN_DIRECT and FEATURE_MODIFY_PIN_DIRECT).
public protocol PINPad {
    /// Asks the person to type a PIN, which the reader puts into the command's data field. Waits for the person.
    /// - Returns: the card's answer, or one of the reader's (`StatusWord.entryTimedOut` and the next ones).
    /// - Throws: `ChannelError` if the reader or the card cannot be reached.
    func verify(_ entry: PINEntry) throws(ChannelError) -> StatusWord

    /// Whether the reader can take new PINs too. Some can only verify.
    var takesNewPINs: Bool { get }

    /// Asks the person to type a new PIN twice, after the old one if the command carries both. The reader puts them
    /// into the command's data field.
    /// - Returns: as `verify`.
    /// - Throws: as `verify`.
    func modify(_ entry: PINEntry) throws(ChannelError) -> StatusWord
}

/// What a reader needs to know to take a PIN and send it.
public struct PINEntry: Sendable, Equatable {
    /// CLA, INS, P1 and P2 of the command.
    public var header: [UInt8]
    /// The fewest digits that the reader accepts.
    public var minimumLength: Int
    /// The most digits that the reader accepts.
    public var maximumLength: Int
    /// The number of bytes that the PIN is padded to, at most `longestBlock`; nil if it is not padded.
    public var paddedLength: Int?
    /// The byte that pads the PIN.
    public var paddingByte: UInt8
    /// Whether the command carries the old PIN's block and then the new one's. Only for blocks of a fixed length,
    /// since the reader must know where the second one starts.
    public var carriesOldPIN: Bool

    /// The longest block in bytes. PC/SC has four bits for its size.
    public static let longestBlock = 15

    /// Makes an entry. Nothing is checked: the reader refuses what it does not support.
    public init(
        header: [UInt8], minimumLength: Int, maximumLength: Int, paddedLength: Int?, paddingByte: UInt8,
        carriesOldPIN: Bool = false
    ) {
        self.header = header
        self.minimumLength = minimumLength
        self.maximumLength = maximumLength
        self.paddedLength = paddedLength
        self.paddingByte = paddingByte
        self.carriesOldPIN = carriesOldPIN
    }
}

extension StatusWord {
    /// Nobody typed in time. The reader sends this and the next three in place of the card's answer (PC/SC part 10
    /// §2.5.2).
    public static let entryTimedOut = StatusWord(rawValue: 0x6400)
    /// The person cancelled.
    public static let entryCancelled = StatusWord(rawValue: 0x6401)
    /// The new PIN and its confirmation differ.
    public static let entriesDiffer = StatusWord(rawValue: 0x6402)
    /// Too few or too many digits were typed.
    public static let entryLengthWrong = StatusWord(rawValue: 0x6403)
}
