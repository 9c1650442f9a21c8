// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Messages
import SmartCardBytes

/// The persistent state of a card: retry counters, PIN, CPS_DATA.
public struct CardState: Codable, Equatable, Sendable {
    /// The card that the state belongs to.
    public var serial: String
    /// `CardGeneration` by its raw value.
    public var generation: String
    /// The user PIN in digits (of a virtual card).
    public var pin: String
    /// The user PIN's retry counter.
    public var pinTriesLeft: Int
    /// The PUK's retry counter.
    public var pukTriesLeft: Int
    /// The remaining uses of the PUK.
    public var pukUsesLeft: Int
    /// CPS_DATA in hexadecimal.
    public var cpsData: String
}

extension VirtualCard {
    /// The state now.
    public var state: CardState {
        CardState(
            serial: profile.serial, generation: profile.generation.rawValue,
            pin: String(decoding: card.pins.user.value, as: UTF8.self), pinTriesLeft: card.pins.user.triesLeft,
            pukTriesLeft: card.pins.puk.triesLeft, pukUsesLeft: card.pins.pukUsesLeft,
            cpsData: Hexadecimal.encode(card.files.elementary(VirtualDataObject.cpsData)?.contents ?? []))
    }

    /// Restores a saved state.
    /// - Throws: `VirtualCardError` if the state is another card's, or not possible for this one.
    public func restore(_ state: CardState) throws(VirtualCardError) {
        guard state.serial == profile.serial, state.generation == profile.generation.rawValue else {
            throw VirtualCardError(
                Message(
                    "the state belongs to card \(state.serial) (\(state.generation)), not to \(profile.serial) (\(profile.generation.rawValue))",
                    fr:
                        "l'état est celui de la carte \(state.serial) (\(state.generation)), pas de \(profile.serial) (\(profile.generation.rawValue))"
                ))
        }
        let pin = Array(state.pin.utf8)
        let file = card.files.elementary(VirtualDataObject.cpsData)
        guard card.pins.user.lengths.contains(pin.count), pin.allSatisfy({ (0x30...0x39).contains($0) }),
            (0...card.pins.user.maximumTries).contains(state.pinTriesLeft),
            (0...card.pins.puk.maximumTries).contains(state.pukTriesLeft),
            (0...CardProfile.maximumPUKUses).contains(state.pukUsesLeft),
            let data = Hexadecimal.decode(state.cpsData), data.count == file?.contents.count
        else {
            throw VirtualCardError(
                Message(
                    "the state contains values that this card cannot have",
                    fr: "l'état contient des valeurs que cette carte ne peut pas avoir"))
        }
        card.pins.user.value = pin
        card.pins.user.triesLeft = state.pinTriesLeft
        card.pins.puk.triesLeft = state.pukTriesLeft
        card.pins.pukUsesLeft = state.pukUsesLeft
        card.files.setContents(data, of: VirtualDataObject.cpsData)
    }
}
