// SPDX-License-Identifier: Apache-2.0

/// A connection to one inserted card. PCSC has the real one, VirtualCPS one in this process. One thread at a time
/// uses a channel.
public protocol CardChannel: AnyObject {
    /// The transmission protocol of the connection.
    var transportProtocol: TransportProtocol { get }

    /// Whether other programs used the card when the connection was made.
    var isUsedByOthers: Bool { get }

    /// Locks other programs out of the card until `endTransaction`. May wait for the end of another program's
    /// transaction.
    /// - Returns: whether the card still has its selections and presented PINs.
    /// - Throws: `.sharingViolation` if that transaction takes too long, or why the card cannot be reached.
    func beginTransaction() throws(ChannelError) -> CardContinuity

    /// Ends the transaction. The card keeps its state.
    func endTransaction()

    /// Power-cycles the card, then ends the transaction: no other program gets the card in between.
    /// - Throws: if the card was not power-cycled. The transaction may still be open.
    func endTransactionCuttingPower() throws(ChannelError)

    /// Sends one encoded command and returns the raw response, at most 258 bytes.
    /// - Throws: `.cardReset` if another program has reset the card, or why it cannot be reached.
    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8]

    /// Whether the card was reset or removed since the last transaction. Sends nothing to the card, and waits neither
    /// for another program nor for the reader. Not to be called during a transaction of this channel.
    /// - Returns: nil if this cannot be found out now, since another program uses the card.
    func look() -> CardContinuity?

    /// Power-cycles the card, which loses its selections and presented PINs. Not to be called during a transaction of
    /// this channel. Does nothing if another program has reset the card since the last transaction.
    /// - Parameter patience: the longest wait for another program's transaction, in milliseconds.
    /// - Throws: `.sharingViolation` after that wait; `.cardRemoved` if the card is gone, also if another card is in
    ///   its place. That one is not reset.
    func cutPower(patience: Int) throws(ChannelError)

    /// Ends the connection. The card keeps its state.
    func disconnect()

    /// The reader's keypad; nil for a reader without one. To be called during a transaction.
    var pinPad: (any PINPad)? { get }
}

extension CardChannel {
    /// Nil, for channels without a keypad.
    public var pinPad: (any PINPad)? { nil }
    /// True, for channels that do not know.
    public var isUsedByOthers: Bool { true }
}

/// What happened to the card since this channel's last transaction.
public enum CardContinuity: Sendable {
    /// Nothing that PC/SC reports. Another program may still have selected other files.
    case same
    /// The card was reset: selections and presented PINs are gone.
    case reset
    /// The card was removed. Another one may be in the reader.
    case removed
    /// The connection has ended, so nothing can be told of the card: pcscd was restarted,
    /// or the host closed our descriptors.
    case disconnected
}

/// Why a command did not reach the card, or its response did not come back.
public enum ChannelError: Error, Equatable, Sendable {
    /// The card was removed. Another one may be in the reader.
    case cardRemoved
    /// The card was reset during use: selections and presented PINs are gone.
    case cardReset
    /// The card is in the reader but does not answer.
    case cardUnresponsive
    /// The reader is gone.
    case readerUnavailable
    /// Another program has exclusive access to the card.
    case sharingViolation
    /// pcscd does not run, or has ended.
    case serviceUnavailable
    /// pcscd runs but does not answer: it is stopped or stuck.
    case serviceSilent
    /// polkit refuses this user access to pcscd, or to this reader.
    case accessRefused
    /// This process has no free file descriptor for the connection to pcscd.
    case noDescriptor
    /// The response has fewer than two bytes, or more than the protocol allows.
    case malformedResponse
    /// The command is longer than a short APDU.
    case commandTooLong
    /// Any other PC/SC error, with its return code.
    case other(Int)
}
