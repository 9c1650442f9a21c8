// SPDX-License-Identifier: Apache-2.0

import CPSCard
import HostSystem

/// A store of cards' files in memory, for tests.
final class MemoryStore: CardFileStore {
    private let cards = Lock<[String: (card: CardFingerprint, record: CardRecord)]>([:])

    /// What is kept of the one card of a test.
    var onlyRecord: CardRecord? { cards.withLock { $0.values.first?.record } }

    /// Changes what is kept, as someone with access to the files could.
    func tamper(_ change: (inout CardRecord) -> Void) {
        cards.withLock { cards in
            for name in cards.keys { change(&cards[name]!.record) }
        }
    }

    func record(of card: CardFingerprint) -> CardRecord? {
        cards.withLock { cards in
            guard let known = cards[card.name], known.card == card else { return nil }
            return known.record
        }
    }

    func add(_ record: CardRecord, of card: CardFingerprint) {
        cards.withLock { cards in
            var all = CardRecord()
            if let known = cards[card.name], known.card == card { all = known.record }
            all.merge(record)
            cards[card.name] = (card, all)
        }
    }

    func forget(_ card: CardFingerprint) { cards.withLock { _ = $0.removeValue(forKey: card.name) } }
}
