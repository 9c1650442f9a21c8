// SPDX-License-Identifier: Apache-2.0

/// The readers of this machine and their cards. PCSC has the real one, VirtualCPS one in this process. Any thread may
/// call any function.
public protocol ReaderService: AnyObject, Sendable {
    /// The names of the connected readers.
    /// - Throws: `ChannelError.serviceUnavailable` if pcscd does not run.
    func readerNames() throws(ChannelError) -> [String]

    /// What is in each of these readers, in the same order. A missing reader is reported as `.noReader`. No command
    /// is sent to a card.
    /// - Throws: as `readerNames`.
    func states(of readers: [String]) throws(ChannelError) -> [ReaderState]

    /// Waits until a reader's state differs from the given one, a reader is connected or disconnected, or the time is
    /// over.
    /// - Parameter milliseconds: the longest wait.
    /// - Throws: why the wait is not possible.
    func waitForChange(from known: [(reader: String, state: ReaderState)], milliseconds: Int) throws(ChannelError)

    /// Connects to the card in a reader, shared with other programs.
    /// - Throws: `.cardRemoved` without a card, `.sharingViolation` if another program has exclusive access, or why the
    ///   reader cannot be reached.
    func connect(to reader: String) throws(ChannelError) -> any CardChannel

    /// Ends all current waits. Later ones return at once.
    func cancelWaits()

    /// Releases the service's resources. No function may be called afterwards.
    func close()
}

/// What is in a reader.
public struct ReaderState: Sendable, Equatable {
    /// What PC/SC reports about a reader without a command to the card.
    public enum Presence: Sendable, Equatable {
        /// The reader is not connected.
        case noReader
        /// The reader is empty.
        case noCard
        /// A card that does not answer to reset: inserted the wrong way, or broken.
        case muteCard
        /// A card, with its answer to reset.
        case card(atr: [UInt8])
    }

    /// What is in the reader, with a card's answer to reset.
    public var presence: Presence
    /// Counts insertions and removals. It shows whether a card was removed and inserted again.
    public var eventCount: UInt32

    /// Makes a state.
    public init(presence: Presence, eventCount: UInt32) {
        self.presence = presence
        self.eventCount = eventCount
    }
}
