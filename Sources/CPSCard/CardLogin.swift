// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whose PIN a card counts as presented, as far as one program knows. The transitions are
/// `CPSCard`'s alone; docs/architecture.md, "A card and its login", draws them.
public enum CardLogin: UInt8, Sendable, AtomicRepresentable {
    /// Nobody is logged in.
    case nobody
    /// The user's PIN was presented.
    case user
    /// The unblocking code was presented.
    case unblocking
    /// There was a login, and the card has lost it: another program reset the card or
    /// presented a wrong PIN, or the connection broke.
    case lost
    /// Nobody is logged in, but the card may count a PIN as presented: the answer to the
    /// presentation was lost, or a logout did not reach the card. The card has to
    /// forget it.
    case unreleased

    /// Whether a program may use what the login opens.
    public var stands: Bool { self == .user || self == .unblocking }

    /// Whether the card may count a PIN as presented because of this program.
    public var mayBeOpen: Bool { stands || self == .unreleased }
}

/// Which of a card's two PINs is meant.
public enum PINRole: Sendable {
    /// The holder's PIN, 4 digits on the cards known.
    case user
    /// The unblocking code (PUK), 8 digits; it sets a new PIN.
    case unblocking

    /// What a successful presentation leads to.
    public var login: CardLogin { self == .user ? .user : .unblocking }
}

/// The login of one card, to be read from any thread while another one uses the card.
public final class LoginRecord: Sendable {
    private let state = Atomic<CardLogin>(.nobody)

    /// A record in which nobody is logged in.
    public init() {}

    /// The login now.
    public internal(set) var now: CardLogin {
        get { state.load(ordering: .sequentiallyConsistent) }
        set { state.store(newValue, ordering: .sequentiallyConsistent) }
    }
}
