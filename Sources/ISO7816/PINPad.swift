// SPDX-License-Identifier: Apache-2.0

/// The keypad of a reader, on which a code is typed without passing through the
/// computer (PC/SC part 10, FEATURE_VERIFY_PIN_DIRECT and FEATURE_MODIFY_PIN_DIRECT).
public protocol PINPad {
    /// Has the person type a code, which the reader puts into the command's data
    /// field, and returns the card's answer. Waits for the person.
    func verify(_ entry: PINEntry) throws(ChannelError) -> StatusWord

    /// Whether the reader takes new codes too; some know only how to present one.
    var takesNewPINs: Bool { get }

    /// Has the person type a new code and confirm it, after the old one where the
    /// command carries both. The reader puts them into the command's data field;
    /// returns the card's answer.
    func modify(_ entry: PINEntry) throws(ChannelError) -> StatusWord
}

/// What a reader must know to take a code and send it.
public struct PINEntry: Sendable, Equatable {
    /// CLA, INS, P1 and P2 of the command.
    public var header: [UInt8]
    /// The fewest digits that the reader accepts.
    public var minimumLength: Int
    /// The most digits that the reader accepts.
    public var maximumLength: Int
    /// The number of bytes that the code is filled up to, at most
    /// `longestBlock`; nil when it is sent as long as it is.
    public var paddedLength: Int?
    /// The byte that fills the block up.
    public var paddingByte: UInt8
    /// Whether the command carries the old code's block, and the new one's behind it.
    /// Only for blocks of a fixed length: the reader is told where the second begins.
    public var carriesOldPIN: Bool

    /// Four bits tell a reader the size of the block.
    public static let longestBlock = 15

    /// Makes an entry. Nothing is checked: the reader refuses what it cannot do.
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
    /// Nobody typed in time. Like the next ones this is the reader's answer in place of the card's (PC/SC part 10
    /// §2.5.2).
    public static let entryTimedOut = StatusWord(rawValue: 0x6400)
    /// The person cancelled.
    public static let entryCancelled = StatusWord(rawValue: 0x6401)
    /// The new code and its confirmation are not the same.
    public static let entriesDiffer = StatusWord(rawValue: 0x6402)
    /// Too few or too many digits were typed.
    public static let entryLengthWrong = StatusWord(rawValue: 0x6403)
}
