// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The values of the card's business data objects (cards.md §5.3).
///
/// Known facts are followed: EE with 84, 85, 86 and the sector as the last four
/// bytes; CPS_INFO_PS ends with the speciality. The official format is not
/// public: the other tags (E0, E1, E2, E4 and their contents) are this emulator's own, and
/// programs must not rely on them.
struct BusinessData {
    let profile: CardProfile

    /// CPS_ID_CARD: category (80, a test card), type, number, issuer, validity.
    var idCard: [UInt8] {
        BERTLV.encode(
            tag: 0xE0,
            parts: [
                text(0x80, "80"),
                text(0x81, profile.family.typeCode),
                text(0x82, profile.cardNumber),
                text(0x83, "8025000001"),
                BERTLV.encode(tag: 0x84, profile.validFrom.binaryCodedDecimal),
                BERTLV.encode(tag: 0x85, profile.validUntil.binaryCodedDecimal),
            ])
    }

    /// CPS_NAME_PS: national identifier, civility, family name, given name.
    var name: [UInt8] {
        BERTLV.encode(
            tag: 0xE1,
            parts: [
                text(0x80, profile.holder.nationalIdentifier),
                text(0x81, profile.holder.civility.code),
                text(0x82, profile.holder.familyName),
                text(0x83, profile.holder.givenName),
            ])
    }

    /// CPS_LANG_PS: ISO 639 codes.
    var languages: [UInt8] {
        BERTLV.encode(tag: 0xE2, parts: profile.holder.languages.map { text(0x80, $0) })
    }

    /// CPS_INFO_PS: identifier, names, profession; the speciality comes last.
    var information: [UInt8] {
        let holder = profile.holder
        var parts = [
            text(0x80, holder.nationalIdentifier), text(0x81, holder.familyName), text(0x82, holder.givenName),
        ]
        if let profession = holder.profession { parts.append(text(0x83, profession)) }
        if let future = holder.futureProfession { parts.append(text(0x84, future)) }
        if let speciality = holder.speciality { parts.append(text(0x85, speciality)) }
        return BERTLV.encode(tag: 0xE3, parts: parts)
    }

    /// CPS_ACTIVITY_nn_PS.
    func activity(_ activity: CardProfile.Activity) -> [UInt8] {
        BERTLV.encode(
            tag: 0xEE,
            parts: [
                BERTLV.encode(tag: 0x80, [UInt8(truncatingIfNeeded: activity.number)]),
                text(0x81, activity.exerciseMode),
                text(0x84, activity.structureName),
                text(0x85, activity.structureIdentifierType + activity.structureIdentifier),
                text(0x86, activity.sector),
            ])
    }

    /// CPS2TER_ACTIVITY_nn_PS: the same facts in a different coding, so that the two objects
    /// differ.
    func oldActivity(_ activity: CardProfile.Activity) -> [UInt8] {
        BERTLV.encode(
            tag: 0xE5,
            parts: [
                BERTLV.encode(tag: 0x80, [UInt8(truncatingIfNeeded: activity.number)]),
                text(0x81, activity.structureIdentifierType + activity.structureIdentifier),
                text(0x82, activity.sector),
            ])
    }

    /// CPS_SIT_FACT: for each activity its number, a billing number, convention,
    /// speciality, tariff zone.
    var invoicing: [UInt8] {
        BERTLV.encode(
            tag: 0xE4,
            parts: profile.activities.map { activity in
                BERTLV.encode(
                    tag: 0xA0,
                    parts: [
                        BERTLV.encode(tag: 0x80, [UInt8(truncatingIfNeeded: activity.number)]),
                        text(0x81, "9910000" + (activity.number < 10 ? "0" : "") + "\(activity.number)"),
                        text(0x82, "1"),
                        text(0x83, "01"),
                        text(0x84, "24"),
                    ])
            })
    }

    /// The CPS2TER_* objects of a CPS4, label and value (cards.md §5.1).
    var oldObjects: [(label: String, value: [UInt8])] {
        [
            (
                "CPS2TER_ATR",
                [0x3B, 0xAC, 0x00, 0x40, 0x2A, 0x00, 0x12, 0x25, 0x00, 0x64, 0x80, 0x00, 0x02, 0x10, 0x00, 0x90, 0x00]
            ),
            ("CPS2TER_ID", text(0x80, profile.cardNumber)),
            ("CPS2TER_ICC", SerialNumberFile.encoded(serial: profile.serial)),
            ("CPS2TER_NAME", text(0x81, "\(profile.holder.familyName) \(profile.holder.givenName)")),
            ("CPS2TER_LANG", text(0x82, profile.holder.languages.joined())),
            ("CPS2TER_PSINFO", text(0x83, profile.holder.nationalIdentifier)),
            ("CPS2TER_DIRAMO", text(0x84, "01")),
        ]
    }

    /// EF_ACTUA; nil if the card has none (cards.md §5.3, §6.1).
    var updateLog: [UInt8]? {
        let good: [UInt8] = [
            0xEC, 0x12, 0x81, 0x07, 0x20, 0x24, 0x01, 0x02, 0x03, 0x04, 0x05, 0x82, 0x07, 0x20, 0x24, 0x01, 0x02,
            0x03, 0x05, 0x06,
        ]
        switch profile.updateLog {
        case .none: return nil
        case .present: return good
        case .empty: return []
        // An invalid end date. The official library accepts a thirteenth month and a truncated
        // file.
        case .malformed: return good.dropLast(7) + [UInt8](repeating: 0xFF, count: 7)
        }
    }

    private func text(_ tag: UInt32, _ value: String) -> [UInt8] { BERTLV.encode(tag: tag, Array(value.utf8)) }
}
