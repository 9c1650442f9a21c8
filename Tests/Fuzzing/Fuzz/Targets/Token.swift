// SPDX-License-Identifier: Apache-2.0

import Cryptoki
import ISO7816
import VirtualCPSTestSupport

/// The whole token, over a card that is nothing but its answers.
extension FuzzTarget {
    static let token = FuzzTarget(
        name: "Token",
        run: { input in
            let (_, atr, transport) = input.element(of: kinds)
            let readers = ScriptedReaders(atr: atr, transport, answers: ScriptedAnswers(&input))
            TokenConversation(with: Provider(readers: readers)).run()
        },
        seeds: { card in
            let number = kinds.firstIndex { $0.kind == card.kind } ?? 0
            return [[UInt8(number)] + ScriptedAnswers.encode(card.exchanges)]
        })

    private static let kinds: [(kind: CardKind, atr: [UInt8], transport: TransportProtocol)] = [
        (.cps3, hex("3BAC00402A00122500648000031000 9000"), .t0),
        (.cps4, hex("3B9B1880010012250064800401000090 44"), .t1),
        (.contactless, hex("3B8F80010031B86404B0ECC17394018082 90000E"), .t1),
    ]
}
