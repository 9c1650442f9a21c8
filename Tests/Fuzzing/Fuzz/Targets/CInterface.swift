// SPDX-License-Identifier: Apache-2.0

import CPSPKCS11
import ISO7816
import Synchronization
import VirtualCPSTestSupport

/// The C functions of the library, over virtual cards of this process.
extension FuzzTarget {
    static let cInterface = FuzzTarget(
        name: "CInterface",
        prepare: { cards = try HostileCards() },
        run: { input in
            guard let cards, let readers = try? cards.asNew() else { return }
            fuzzedReaders.withLock { $0 = readers }
            HostileCaller(cards).run(&input)
        },
        seeds: { card in card.kind == .contactless ? [] : [conversation(slot: card.kind == .cps3 ? 0 : 1)] })

    nonisolated(unsafe) private static var cards: HostileCards?

    /// What a sane program does.
    private static func conversation(slot: UInt8) -> [UInt8] {
        typealias Caller = HostileCaller
        return [
            Caller.step(.initialize), Caller.step(.getSlotList), Caller.step(.getTokenInfo, slot),
            Caller.step(.getMechanismList, slot), Caller.step(.openSession, slot, 2), Caller.step(.login),
            Caller.step(.findObjectsInit), Caller.step(.findObjects), Caller.step(.findObjectsFinal),
            Caller.step(.getAttributeValue, 0, 0, 3, 1, 0), Caller.step(.getAttributeValue, 0, 2, 1, 3, 0),
            Caller.step(.signInit, 0, 0, 0), Caller.step(.sign), Caller.step(.signInit, 0, 0, 1),
            Caller.step(.signUpdate), Caller.step(.signFinal), Caller.step(.signInit, 0, 3, 5), Caller.step(.sign),
            Caller.step(.verifyInit, 0, 1, 1), Caller.step(.verify), Caller.step(.encryptInit, 0, 4),
            Caller.step(.encrypt),
            Caller.step(.decryptInit, 0, 3), Caller.step(.decrypt), Caller.step(.digestInit, 0, 0, 7),
            Caller.step(.digest),
            Caller.step(.setAttributeValue, 0, 6, 1, 3), Caller.step(.generateRandom), Caller.step(.setPIN, 0, 0, 0),
            Caller.step(.cardEvent, slot, 0), Caller.step(.getSlotInfo, slot), Caller.step(.cardEvent, slot, 1),
            Caller.step(.openSession, slot, 2), Caller.step(.login, 0, 0x40, 1), Caller.step(.initPIN),
            Caller.step(.logout),
            Caller.step(.openSession, slot, 2), Caller.step(.beside, 3),
            Caller.step(.login), Caller.step(.signInit, 0, 0, 1), Caller.step(.sign), Caller.step(.getSessionInfo),
            Caller.step(.findObjectsInit), Caller.step(.findObjects), Caller.step(.getSlotList), Caller.step(.logout),
            Caller.step(.closeDescriptors), Caller.step(.login), Caller.step(.fork, 4),
            Caller.step(.openSession, slot, 2), Caller.step(.login), Caller.step(.signInit, 0, 0, 1),
            Caller.step(.sign),
            Caller.step(.closeSession), Caller.step(.finalize),
        ].flatMap { $0 }
    }
}
