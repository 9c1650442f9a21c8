// SPDX-License-Identifier: Apache-2.0

/// A way to one inserted card. PCSC has the real one, VirtualCPS one in this
/// process. A channel is used by one thread at a time.
public protocol CardChannel: AnyObject {
    /// The protocol that the connection was made with.
    var transportProtocol: TransportProtocol { get }

    /// Whether other programs used the card when the connection was made.
    var isUsedByOthers: Bool { get }

    /// Keeps other programs off the card until `endTransaction`. May wait for
    /// another program's transaction to end.
    /// - Returns: whether the card still knows what it was told before.
    func beginTransaction() throws(ChannelError) -> CardContinuity

    /// Lets other programs use the card again, and leaves it as it is.
    func endTransaction()

    /// Cuts the card's power and gives it back, and then lets other programs use the card
    /// again: nobody gets it in between.
    /// - Throws: when the card kept its power; the transaction may still be under way.
    func endTransactionCuttingPower() throws(ChannelError)

    /// Sends one encoded command and returns the response's bytes as they came.
    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8]

    /// Whether the card was reset or removed since the last transaction. Nothing is sent
    /// to the card, and neither another program nor the reader is waited for. Not to be
    /// asked while a transaction of this channel is under way.
    /// - Returns: nil when this cannot be told now: another program uses the card.
    func look() -> CardContinuity?

    /// Cuts the card's power and gives it back: selected files and presented PINs are
    /// forgotten. Not to be called in a transaction of this channel. Where another
    /// program has reset the card since, nothing is left to do, and nothing is done.
    /// - Parameter patience: how long another program's transaction is waited for,
    ///   in milliseconds.
    /// - Throws: `.sharingViolation` when that is over; `.cardRemoved` for a card that is
    ///   gone, also when another one is in its place: that one keeps its power.
    func cutPower(patience: Int) throws(ChannelError)

    /// Ends the connection; the card is left as it is.
    func disconnect()

    /// The reader's keypad; nil for a reader without one. To be asked in a transaction.
    var pinPad: (any PINPad)? { get }
}

extension CardChannel {
    /// Nil: a channel without a keypad need not say so.
    public var pinPad: (any PINPad)? { nil }
    /// Not known: then it may be so.
    public var isUsedByOthers: Bool { true }
}

/// What became of the card since this channel's last transaction.
public enum CardContinuity: Sendable {
    /// Nothing that can be seen from outside. Another program may still have
    /// selected other files.
    case same
    /// It was reset: selections and presented PINs are gone.
    case reset
    /// It is not in the reader any more; another one may be there already.
    case removed
}

/// Why a command did not reach the card, or its answer did not come back.
public enum ChannelError: Error, Equatable, Sendable {
    /// No card is in the reader any more, or another one than before.
    case cardRemoved
    /// The card was reset while it was in use; selections and PINs are gone.
    case cardReset
    /// The card is in the reader but does not answer.
    case cardUnresponsive
    /// The reader is gone.
    case readerUnavailable
    /// Another program holds the card for itself.
    case sharingViolation
    /// pcscd does not run, or ended.
    case serviceUnavailable
    /// pcscd runs and does not answer: it is stopped, or stuck.
    case serviceSilent
    /// pcscd refuses this user, or this reader to this user (polkit).
    case accessRefused
    /// This process may open no more files, which a connection to pcscd takes.
    case noDescriptor
    /// The answer has fewer than two bytes, or more than the protocol allows.
    case malformedResponse
    /// The command is longer than a short APDU.
    case commandTooLong
    /// Anything else that PC/SC reports; the code as it came.
    case other(Int)
}
