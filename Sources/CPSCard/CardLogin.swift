// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whose PIN the card counts as presented, as far as this program knows. Only `CPSCard` changes it;
/// docs/architecture.md, "A card and its login", has the state diagram.
public enum CardLogin: UInt8, Sendable, AtomicRepresentable {
    /// Nobody is logged in.
    case nobody
    /// The user's PIN was presented.
    case user
    /// The unblocking code was presented.
    case unblocking
    /// The card lost the login: another program reset it or presented a wrong PIN, or the connection broke.
    case lost
    /// Nobody is logged in, but the card may count a PIN as presented: the answer to the presentation was lost, or a
    /// logout did not reach the card. The card must still be reset.
    case unreleased

    /// Whether somebody is logged in.
    public var stands: Bool { self == .user || self == .unblocking }

    /// Whether the card may count a PIN as presented because of this program.
    public var mayBeOpen: Bool { stands || self == .unreleased }
}

/// One of a card's two PINs.
public enum PINRole: Sendable {
    /// The holder's PIN, 4 digits on known cards.
    case user
    /// The unblocking code (PUK), 8 digits. It allows a new PIN to be set.
    case unblocking

    /// The login after this PIN was presented.
    public var login: CardLogin { self == .user ? .user : .unblocking }
}

/// The login of one card. Any thread may read it while another one uses the card.
public final class LoginRecord: Sendable {
    private let state = Atomic<CardLogin>(.nobody)

    /// Makes a record in which nobody is logged in.
    public init() {}

    /// The current login.
    public internal(set) var now: CardLogin {
        get { state.load(ordering: .sequentiallyConsistent) }
        set { state.store(newValue, ordering: .sequentiallyConsistent) }
    }
}
