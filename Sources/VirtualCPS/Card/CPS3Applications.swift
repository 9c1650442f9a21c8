// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// The two volets of CPS3 and how to switch between them (cards.md §1.5, §2.14): a command
/// of class A0 switches to the old one, SELECT of the applet by its AID switches back. In
/// between class 00 is answered by 6E00.
struct CPS3Applications {
    private var ias = IASApplet()
    private var old = CPS2terApplet()
    private var isOldSelected = false

    mutating func respond(_ command: CardCommand, _ card: inout CardEnvironment) throws(Refusal) -> CardAnswer {
        if command.cla == 0xA0, card.oldFiles != nil {
            if command.ins == 0xA4, !isOldSelected { enterOld() }
            guard isOldSelected else { throw Refusal(.classNotSupported, "the CPS2ter volet is not selected") }
            return try old.respond(command, card)
        }
        if command.cla == 0x00, command.ins == 0xA4, command.p1 == 0x04 {
            if command.data == ApplicationIdentifier.cps2ter, card.oldFiles != nil {
                enterOld()
                return .done
            }
            if isOldSelected, command.data == ApplicationIdentifier.applet, command.p2 == 0x04 || command.p2 == 0x0C {
                isOldSelected = false
                ias = IASApplet()
                if card.options.losesLoginInOldVolet { card.pins.forget() }
            }
        }
        guard !isOldSelected else {
            old.forgetPending()
            throw Refusal(.classNotSupported, "the CPS2ter volet is selected")
        }
        return try ias.respond(command, &card)
    }

    private mutating func enterOld() {
        isOldSelected = true
        old = CPS2terApplet()
    }
}
