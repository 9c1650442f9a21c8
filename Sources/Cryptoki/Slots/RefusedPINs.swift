// SPDX-License-Identifier: Apache-2.0

import CPSCard
import SmartCardBytes

/// The PINs that the card has just refused. Programs that answer every question for a PIN
/// with the same wrong one would block the card in milliseconds; what the card has
/// refused is therefore not sent again, for this insertion and until something may have
/// changed: a reset, a success, or another count of tries.
struct RefusedPINs {
    /// One refused PIN; wiped with the entry.
    private final class Entry {
        let pin: SecretBytes
        /// How it was presented; nil where that is not known.
        let object: PINObject?
        /// What the refusal left.
        let triesLeft: Int
        /// The resets of the card that were known after the refusal.
        let resetCount: Int

        init(_ pin: borrowing SecretBytes, as object: PINObject?, triesLeft: Int, resetCount: Int) {
            var copy = SecretBytes(capacity: pin.count)
            copy.append(pin)
            self.pin = copy
            self.object = object
            self.triesLeft = triesLeft
            self.resetCount = resetCount
        }
    }

    private var user: Entry?
    private var unblocking: Entry?

    private func entry(_ role: PINRole) -> Entry? { role == .user ? user : unblocking }

    private mutating func keep(_ entry: Entry?, _ role: PINRole) {
        switch role {
        case .user: user = entry
        case .unblocking: unblocking = entry
        }
    }

    /// Whether this is the PIN that was refused last.
    func contains(_ pin: borrowing SecretBytes, _ role: PINRole) -> Bool {
        entry(role)?.pin.isEqual(to: pin) ?? false
    }

    /// Looks, in the transaction that would present it, whether the refused PIN is still
    /// refused. A counter that cannot be read speaks for that.
    /// - Throws: `.refusedBefore`.
    mutating func check(_ object: PINObject, _ role: PINRole, _ card: CPSCard) throws(CardError) {
        guard let entry = entry(role) else { return }
        // Otherwise it was presented by a cached directory that is not the card's.
        let isAsBefore = entry.object == nil || entry.object == object
        if isAsBefore, entry.resetCount == card.resetCount {
            let counter = try card.retryCounters(of: [object]).first ?? nil
            if counter?.left ?? entry.triesLeft == entry.triesLeft { throw .refusedBefore }
        }
        keep(nil, role)
    }

    /// Takes note of why a presentation failed.
    /// - Parameter codes: the card's PINs, as they were known for it.
    mutating func note(
        _ error: CardError, _ pin: borrowing SecretBytes, _ role: PINRole, _ card: CPSCard, _ pins: CardPINs?
    ) {
        guard case .wrongPIN(let triesLeft?) = error else { return }
        let object = role == .user ? pins?.userPIN : pins?.puk
        keep(Entry(pin, as: object, triesLeft: triesLeft, resetCount: card.resetCount), role)
    }

    /// The PIN was presented with success.
    mutating func forget(_ role: PINRole) { keep(nil, role) }
}
