// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// PIN and PUK on CPS4 (cards.md §3.3, §3.4).
extension ChipDocApplet {
    static let userReference: UInt8 = 0x01
    static let pukReference: UInt8 = 0x02

    /// VERIFY; without data it returns the counter: 63Cx or 6983, or 9000 if already verified
    /// (ISO/IEC 7816-4 §11.5.6).
    mutating func verify(_ command: CardCommand, _ card: inout CardEnvironment) throws(Refusal) -> CardAnswer {
        guard command.p1 == 0 else { throw Refusal(.incorrectParameters, "P1 of VERIFY must be 00") }
        try command.expectNoResponse(card.transport)
        switch command.p2 {
        case ChipDocApplet.userReference:
            if command.data.isEmpty { return try counter(of: card.pins.user, card) }
            mayReplacePIN = false
            try card.pins.user.verify(command.data)
        case ChipDocApplet.pukReference:
            if command.data.isEmpty { return try counter(of: card.pins.puk, card) }
            try card.pins.puk.verify(command.data)
        default: throw Refusal(.referencedDataNotFound, "there is no PIN with this reference")
        }
        return .done
    }

    private func counter(of pin: VirtualPIN, _ card: CardEnvironment) throws(Refusal) -> CardAnswer {
        guard pin.triesLeft > 0 else { throw Refusal(.authenticationMethodBlocked, "no tries left") }
        if pin.isVerified, !card.options.countsTriesWhenVerified { return .done }
        return .status(pin.counter)
    }

    /// CHANGE REFERENCE DATA with P1 = 01: the new PIN alone, after the old one was verified or
    /// the counter was reset with the PUK.
    mutating func changeReferenceData(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        guard command.p1 == 0x01 else { throw Refusal(.incorrectParameters, "P1 of CHANGE REFERENCE DATA must be 01") }
        try command.expectNoResponse(card.transport)
        guard command.p2 == ChipDocApplet.userReference else {
            throw Refusal(.referencedDataNotFound, "only the PIN can be changed")
        }
        guard card.pins.user.triesLeft > 0 else { throw Refusal(.authenticationMethodBlocked, "no tries left") }
        guard card.pins.user.isVerified || mayReplacePIN else {
            throw Refusal(.securityStatusNotSatisfied, "neither the old PIN nor the PUK has been presented")
        }
        card.pins.user.value = try card.pins.user.newValue(command.data)
        mayReplacePIN = false
        return .done
    }

    /// RESET RETRY COUNTER with P1 = 03 and the reference with bit 8 set: no data.
    mutating func resetRetryCounter(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        guard command.p1 == 0x03 else { throw Refusal(.incorrectParameters, "P1 of RESET RETRY COUNTER must be 03") }
        guard command.p2 == ChipDocApplet.userReference | 0x80 else {
            throw Refusal(.referencedDataNotFound, "only the PIN can be reset, by its reference with bit 8")
        }
        guard command.data.isEmpty else { throw Refusal(.wrongLength, "RESET RETRY COUNTER takes no data here") }
        try command.expectNoResponse(card.transport)
        guard card.pins.puk.isVerified else {
            throw Refusal(.securityStatusNotSatisfied, "the PUK has not been presented")
        }
        card.pins.user.triesLeft = card.pins.user.maximumTries
        card.pins.user.isVerified = false
        mayReplacePIN = true
        return .done
    }
}
