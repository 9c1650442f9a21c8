// SPDX-License-Identifier: Apache-2.0

import ISO7816
import VirtualCPS
import VirtualCPSTestSupport

/// Two readers with virtual cards, to which anything may happen.
final class HostileCards {
    private static let names = ["Virtual Reader 00", "Virtual Reader 01"]
    private let cards: [VirtualCard]
    private let states: [CardState]
    private var readers = InProcessReaders()

    init() throws {
        cards = try CardKind.contacts.map { try TestReader($0).card }
        states = cards.map(\.state)
    }

    /// The readers for a new run, the cards as they were at first.
    func asNew() throws -> InProcessReaders {
        readers = InProcessReaders(HostileCards.names)
        for (index, card) in cards.enumerated() {
            try card.restore(states[index])
            readers.insert(card, into: HostileCards.names[index])
        }
        return readers
    }

    func happen(_ input: inout FuzzInput) {
        let number = Int(input.byte()) % cards.count
        let (name, card) = (HostileCards.names[number], cards[number])
        switch input.byte() % 12 {
        case 0: readers.removeCard(from: name)
        case 1: readers.insert(card, into: name)
        case 2: readers.insert(cards[1 - number], into: name)
        case 3: readers.insert(nil, into: name)
        case 4: readers.resetCard(in: name)
        case 5: readers.setExclusive(input.bool(), in: name)
        case 6: readers.setServiceRunning(input.bool())
        case 7: input.bool() ? readers.removeReader(name) : readers.addReader(name)
        default:
            let position = Int(input.byte() % 16) + 1
            readers.inject(fault(&input), atAPDU: position, in: name)
        }
    }

    private func fault(_ input: inout FuzzInput) -> Fault {
        switch input.byte() % 9 {
        case 0: .removeCard
        case 1: .replaceCard
        case 2: .resetCard
        case 3: .unresponsive
        case 4: .garbage(input.all())
        case 5: .truncate(Int(input.byte()))
        case 6: .status(StatusWord(input.byte(), input.byte()))
        case 7: .refuse(StatusWord(input.byte(), input.byte()))
        default: .garbage([])
        }
    }
}
