// SPDX-License-Identifier: Apache-2.0

/// The readers of this machine and what is in them. PCSC has the real one,
/// VirtualCPS one in this process. All functions may be called from any thread.
public protocol ReaderService: AnyObject, Sendable {
    /// The names of the readers that are plugged in now.
    /// - Throws: `ChannelError.serviceUnavailable` when there is no pcscd.
    func readerNames() throws(ChannelError) -> [String]

    /// What is in each of these readers now, in the same order. A reader that is
    /// gone is reported as such. No command is sent to any card.
    func states(of readers: [String]) throws(ChannelError) -> [ReaderState]

    /// Waits until a reader's state differs from the one given, a reader comes
    /// or goes, or the time is over.
    /// - Parameter milliseconds: how long to wait at the most.
    func waitForChange(from known: [(reader: String, state: ReaderState)], milliseconds: Int) throws(ChannelError)

    /// Connects to the card in a reader, shared with other programs.
    func connect(to reader: String) throws(ChannelError) -> any CardChannel

    /// Ends the waits that are under way, and all later ones at once.
    func cancelWaits()

    /// Gives back what the service holds. Nothing is called afterwards.
    func close()
}

/// What is in a reader.
public struct ReaderState: Sendable, Equatable {
    /// What can be told of a reader without sending a command.
    public enum Presence: Sendable, Equatable {
        /// The reader is not plugged in.
        case noReader
        case noCard
        /// A card that does not answer to its power-up (put in the wrong way, or broken).
        case muteCard
        case card(atr: [UInt8])
    }

    /// What is in the reader, with the answer to reset of a card.
    public var presence: Presence
    /// Counts insertions and removals: with it, a card that was pulled out and
    /// put back can be told from one that stayed.
    public var eventCount: UInt32

    /// Makes a state from the two things that tell states apart.
    public init(presence: Presence, eventCount: UInt32) {
        self.presence = presence
        self.eventCount = eventCount
    }
}
