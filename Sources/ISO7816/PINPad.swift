/// The keypad of a reader, on which a code is typed without passing through the
/// computer (PC/SC part 10, FEATURE_VERIFY_PIN_DIRECT).
public protocol PINPad {
    /// Has the person type a code, which the reader puts into the command's data
    /// field, and returns the card's answer. Waits for the person.
    func verify(_ entry: PINEntry) throws(ChannelError) -> StatusWord
}

/// What a reader must know to take a code and send it.
public struct PINEntry: Sendable, Equatable {
    /// CLA, INS, P1 and P2 of the command.
    public var header: [UInt8]
    /// The fewest and the most digits.
    public var minimumLength: Int
    public var maximumLength: Int
    /// The number of bytes that the code is filled up to; nil when it is sent as
    /// long as it is.
    public var paddedLength: Int?
    public var paddingByte: UInt8

    public init(header: [UInt8], minimumLength: Int, maximumLength: Int, paddedLength: Int?, paddingByte: UInt8) {
        self.header = header
        self.minimumLength = minimumLength
        self.maximumLength = maximumLength
        self.paddedLength = paddedLength
        self.paddingByte = paddingByte
    }
}

extension StatusWord {
    /// The reader's own words in place of the card's (PC/SC part 10 §2.5.2):
    /// nobody typed in time, or the person cancelled.
    public static let entryTimedOut = StatusWord(rawValue: 0x6400)
    public static let entryCancelled = StatusWord(rawValue: 0x6401)
    /// Too few or too many digits were typed.
    public static let entryLengthWrong = StatusWord(rawValue: 0x6403)
}
