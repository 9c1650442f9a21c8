// SPDX-License-Identifier: Apache-2.0

import CPSCard
import SmartCardBytes

/// The PINs that the card has just refused. Programs that repeat the same wrong PIN would block the card in
/// milliseconds. So a refused PIN is not sent again during this insertion, unless something may have changed: after a
/// reset, a success, or with another retry counter.
struct RefusedPINs {
    /// One refused PIN, wiped with the entry.
    private final class Entry {
        let pin: SecretBytes
        /// The description with which it was presented; nil if unknown.
        let object: PINObject?
        /// The tries left after the refusal.
        let triesLeft: Int
        /// `CPSCard.resetCount` after the refusal.
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

    /// Whether this is the last refused PIN.
    func contains(_ pin: borrowing SecretBytes, _ role: PINRole) -> Bool {
        entry(role)?.pin.isEqual(to: pin) ?? false
    }

    /// Checks, in the transaction that would present the PIN, whether it is still refused. It is if its counter
    /// cannot be read.
    /// - Throws: `.refusedBefore`.
    mutating func check(_ object: PINObject, _ role: PINRole, _ card: CPSCard) throws(CardError) {
        guard let entry = entry(role) else { return }
        // Otherwise a wrong cached directory was used to present it.
        let isAsBefore = entry.object == nil || entry.object == object
        if isAsBefore, entry.resetCount == card.resetCount {
            let counter = try card.retryCounters(of: [object]).first ?? nil
            if counter?.left ?? entry.triesLeft == entry.triesLeft { throw .refusedBefore }
        }
        keep(nil, role)
    }

    /// Notes why a presentation failed.
    /// - Parameter pins: the descriptions of the card's PINs that were used for it.
    mutating func note(
        _ error: CardError, _ pin: borrowing SecretBytes, _ role: PINRole, _ card: CPSCard, _ pins: CardPINs?
    ) {
        guard case .wrongPIN(let triesLeft?) = error else { return }
        let object = role == .user ? pins?.userPIN : pins?.puk
        keep(Entry(pin, as: object, triesLeft: triesLeft, resetCount: card.resetCount), role)
    }

    /// Notes that the PIN was presented successfully.
    mutating func forget(_ role: PINRole) { keep(nil, role) }
}
