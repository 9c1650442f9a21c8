// SPDX-License-Identifier: Apache-2.0

import Messages
import SmartCardBytes

/// A card that the library does not support, recognised by its answer to reset.
/// Nothing is sent to it.
enum OtherCard: String, Encodable {
    /// The patient's card, in the other slot of most French readers.
    case vitale
    /// A CPS card older than CPS3.
    case olderCPS
    /// A card or a phone on a contactless reader. The contactless answer of a CPS4 is not published.
    case contactless
    case unknown

    init(atr: [UInt8]) {
        if OtherCard.vitalePatterns.contains(where: { $0.matches(atr) }) {
            self = .vitale
        } else if atr.starts(with: OtherCard.olderCPSPrefix) {
            self = .olderCPS
        } else if OtherCard.isContactless(atr) {
            self = .contactless
        } else {
            self = .unknown
        }
    }

    /// The name for people.
    var message: Message {
        switch self {
        case .vitale: Message("a Vitale card", fr: "une carte Vitale")
        case .olderCPS:
            Message(
                "a CPS card of an older generation, which no longer works",
                fr: "une carte CPS d'une ancienne génération, qui ne fonctionne plus")
        case .contactless:
            Message("an unknown contactless card", fr: "une carte sans contact inconnue")
        case .unknown: Message("a card that is not a CPS card", fr: "une carte qui n'est pas une carte CPS")
        }
    }

    /// What to do if the person expects a CPS card.
    var remedy: Message {
        switch self {
        case .vitale, .olderCPS, .unknown: Message("Insert the CPS card.", fr: "Insérez la carte CPS.")
        case .contactless:
            Message(
                "Insert the CPS card into a contact reader, chip first.",
                fr: "Insérez la carte CPS dans un lecteur à contact, puce en avant.")
        }
    }

    /// A pattern of answers to reset; nil matches any byte.
    private struct Pattern {
        let bytes: [UInt8?]

        func matches(_ atr: [UInt8]) -> Bool {
            atr.count == bytes.count && zip(bytes, atr).allSatisfy { $0 == nil || $0 == $1 }
        }
    }

    /// Vitale 2 and Vitale 1, from the public list of pcsc-tools (smartcard_list.txt).
    private static let vitalePatterns = [
        Pattern(bytes: [0x3B, 0x75, 0x13, 0x00, 0x00, nil, 0x09, 0xEA, 0x90, 0x00]),
        Pattern(bytes: [0x3F, 0x65, 0x25, 0x00, nil, 0x09, nil, 0x90, 0x00]),
    ]

    /// The common prefix of the answers of CPS cards, up to the bytes of the generation.
    /// CPS3 and CPS4 are recognised earlier, by `CardModel`.
    private static let olderCPSPrefix: [UInt8] = [
        0x3B, 0xAC, 0x00, 0x40, 0x2A, 0x00, 0x12, 0x25, 0x00, 0x64, 0x80,
    ]

    /// Contactless cards have no answer to reset; the reader builds one (PC/SC part 3
    /// §3.1.3.2.3): 3B 8n 80 01, n historical bytes, a check byte.
    private static func isContactless(_ atr: [UInt8]) -> Bool {
        atr.count >= 5 && atr[0] == 0x3B && atr[1] >> 4 == 0x8 && atr[2] == 0x80 && atr[3] == 0x01
    }
}
