// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// The applications of CPS4 on the basic channel and on logical channel 1
/// (cards.md §1.6). Channel 1 is opened by the SELECT of an application by its
/// AID; before, it answers 6881. On the basic channel another application than
/// ChipDoc is selected at power-on, or else the official library would need no
/// second channel.
///
/// ChipDoc cannot be selected on both channels at once: such a SELECT answers
/// 6985 (INFERRED from the recovery sequence, whose steps 1 and 2 make both
/// channels leave the applet before step 3 selects it).
struct CPS4Applications {
    private enum Application {
        case chipDoc(ChipDocApplet)
        /// Selected by its AID; accepts no other command.
        case other
    }

    private var channels: [UInt8: Application] = [0: .other]

    mutating func respond(_ command: CardCommand, _ card: inout CardEnvironment) throws(Refusal) -> CardAnswer {
        guard command.cla & ~0x13 == 0 else { throw Refusal(.classNotSupported, "class not known") }
        let channel = command.cla & 0x03
        guard channel <= 1 else { throw Refusal(.logicalChannelNotSupported, "there are channels 0 and 1 only") }
        if command.ins == 0xA4, command.p1 == 0x04, command.cla & 0x10 == 0 {
            if command.data == ApplicationIdentifier.applet { return try selectChipDoc(command, &card, on: channel) }
            if command.data == ApplicationIdentifier.cps2ter
                || command.data == ApplicationIdentifier.issuerSecurityDomain
            {
                channels[channel] = .other
                return .done
            }
        }
        switch channels[channel] {
        case nil: throw Refusal(.logicalChannelNotSupported, "channel \(channel) is not open")
        case .other: throw Refusal(.classNotSupported, "ChipDoc is not selected on channel \(channel)")
        case .chipDoc(var applet):
            defer { channels[channel] = .chipDoc(applet) }
            return try applet.respond(command, &card)
        }
    }

    private mutating func selectChipDoc(
        _ command: CardCommand, _ card: inout CardEnvironment, on channel: UInt8
    ) throws(Refusal) -> CardAnswer {
        if case .chipDoc? = channels[channel ^ 1] {
            throw Refusal(.conditionsOfUseNotSatisfied, "ChipDoc is selected on the other channel")
        }
        var applet = ChipDocApplet()
        let answer = try applet.respond(command, &card)
        // Not known of real cards; programs must not rely on the login lasting.
        card.pins.forget()
        channels[channel] = .chipDoc(applet)
        return answer
    }
}
