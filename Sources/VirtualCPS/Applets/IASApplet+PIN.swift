// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// PIN and PUK on CPS3 (cards.md §3.3-§3.5).
extension IASApplet {
    static let userReference: UInt8 = 0x01
    static let pukReference: UInt8 = 0x02

    private func checkPIN(_ command: CardCommand, _ card: CardEnvironment) throws(Refusal) {
        guard command.p2 == IASApplet.userReference || command.p2 == IASApplet.pukReference else {
            throw Refusal(.referencedDataNotFound, "there is no PIN with this reference")
        }
        try command.expectNoResponse(card.transport)
        guard card.interface == .contact else {
            throw Refusal(.securityStatusNotSatisfied, "PINs are not presented contactless")
        }
    }

    mutating func verify(_ command: CardCommand, _ card: inout CardEnvironment) throws(Refusal) -> CardAnswer {
        guard command.p1 == 0 else { throw Refusal(.incorrectParameters, "P1 of VERIFY must be 00") }
        try checkPIN(command, card)
        if command.data.isEmpty { return try status(of: command.p2, card) }
        if command.p2 == IASApplet.userReference {
            try card.pins.user.verify(command.data)
        } else {
            guard card.pins.pukUsesLeft > 0 else { throw Refusal(.referenceDataNotUsable, "the PUK has no uses left") }
            try card.pins.puk.verify(command.data)
        }
        return .done
    }

    /// VERIFY without data is a query (ISO/IEC 7816-4 §11.5.6): 9000 if verified, else 63Cx.
    /// OpenSC uses it to log in, the official library does not use it.
    private func status(of reference: UInt8, _ card: CardEnvironment) throws(Refusal) -> CardAnswer {
        let pin = reference == IASApplet.userReference ? card.pins.user : card.pins.puk
        guard pin.triesLeft > 0 else { throw Refusal(.authenticationMethodBlocked, "no tries left") }
        return pin.isVerified ? .done : .status(pin.counter)
    }

    /// CHANGE REFERENCE DATA: the old value followed by the new one; the card knows the length
    /// of its value. Without padding, extra digits after the old value become part of the new
    /// one: that is a property of the command, not of this emulator.
    mutating func changeReferenceData(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        guard command.p1 == 0 else { throw Refusal(.incorrectParameters, "P1 of CHANGE REFERENCE DATA must be 00") }
        try checkPIN(command, card)
        guard command.p2 == IASApplet.userReference else {
            throw Refusal(.securityStatusNotSatisfied, "the PUK is never changed")
        }
        guard !command.data.isEmpty else { throw Refusal(.wrongLength, "CHANGE REFERENCE DATA without data") }
        let old = card.pins.user.block
        try card.pins.user.check(command.data.starts(with: old))
        card.pins.user.value = try card.pins.user.newValue(Array(command.data.dropFirst(old.count)))
        return .done
    }

    /// RESET RETRY COUNTER with P1 = 02: the new PIN; the PUK was verified before.
    mutating func resetRetryCounter(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        guard command.p1 == 0x02 else { throw Refusal(.incorrectParameters, "P1 of RESET RETRY COUNTER must be 02") }
        try checkPIN(command, card)
        guard command.p2 == IASApplet.userReference else {
            throw Refusal(.securityStatusNotSatisfied, "the PUK is never reset")
        }
        guard card.pins.pukUsesLeft > 0 else { throw Refusal(.referenceDataNotUsable, "the PUK has no uses left") }
        guard card.pins.puk.isVerified else {
            throw Refusal(.securityStatusNotSatisfied, "the PUK has not been presented")
        }
        let new = try card.pins.user.newValue(command.data)
        card.pins.user.value = new
        card.pins.user.triesLeft = card.pins.user.maximumTries
        card.pins.user.isVerified = false
        card.pins.pukUsesLeft -= 1
        return .done
    }

    /// GET DATA 3FFF on a PIN object: only from the MF (cards.md §3.3).
    func getData(_ command: CardCommand, _ card: CardEnvironment) throws(Refusal) -> CardAnswer {
        try command.expect(parameters: 0x3FFF)
        try command.expectResponse()
        guard !command.data.isEmpty else { throw Refusal(.wrongLength, "GET DATA without a list of tags") }
        let head: [UInt8] = [0x4D, 0x08, 0x70, 0x06, 0xBF, 0x81]
        let tail: [UInt8] = [0x02, 0xA0, 0x80]
        guard command.data.count == 10, command.data.starts(with: head), command.data.suffix(3).elementsEqual(tail)
        else {
            throw Refusal(.referencedDataNotFound, "no such object, or not the list of a PIN's attributes")
        }
        guard selection.directory == .root, card.interface == .contact else {
            throw Refusal(.referencedDataNotFound, "PIN objects are found from the MF only, over contacts")
        }
        if let answer = card.options.likeness?.pinAnswer(command.data[6], card.pins) { return .response(answer) }
        switch command.data[6] {
        case IASApplet.userReference:
            return .response(attributes(of: card.pins.user, IASApplet.userReference, uses: nil, [0, 0, 0x13, 0xFF, 0]))
        case IASApplet.pukReference:
            return .response(
                attributes(
                    of: card.pins.puk, IASApplet.pukReference, uses: card.pins.pukUsesLeft, [0xFF, 0, 0xFF, 0xFF, 0]))
        default: throw Refusal(.referencedDataNotFound, "there is no PIN with this reference")
        }
    }

    private func attributes(of pin: VirtualPIN, _ reference: UInt8, uses: Int?, _ conditions: [UInt8]) -> [UInt8] {
        var parts = [
            BERTLV.encode(tag: 0x9A, [UInt8(truncatingIfNeeded: pin.maximumTries)]),
            BERTLV.encode(tag: 0x9B, [UInt8(truncatingIfNeeded: pin.triesLeft)]),
        ]
        if let uses {
            parts.append(
                BERTLV.encode(tag: 0x9D, [UInt8(truncatingIfNeeded: uses >> 8), UInt8(truncatingIfNeeded: uses)]))
        }
        parts.append(BERTLV.encode(tag: 0xA1, BERTLV.encode(tag: 0x8C, [0xF3] + conditions)))
        let content = BERTLV.encode(tag: 0xA0, parts: parts)
        // BF 81 ref is a three-byte tag: class BF, PIN, reference.
        let object = [0xBF, 0x81, reference, UInt8(truncatingIfNeeded: content.count)] + content
        return BERTLV.encode(tag: 0x70, object)
    }
}
