// SPDX-License-Identifier: Apache-2.0

/// The kinds of CPS card, distinguished by their answer to reset (cards.md §1.1). It does not show the family (CPS,
/// CPF, CPE ...).
public enum CardModel: Sendable, Hashable, CaseIterable {
    /// CPS3, contact interface: the IAS-ECC applet, T=0.
    case cps3
    /// CPS3, contactless interface: a technical key, no PIN.
    case cps3Contactless
    /// CPS4: the ChipDoc applet, T=0 or T=1.
    case cps4

    /// The model of the card with this answer to reset; nil for any other card, which must not be used.
    public init?(atr: [UInt8]) {
        guard let known = CardModel.answersToReset.first(where: { $0.atr == atr }) else { return nil }
        self = known.model
    }

    /// The answers to reset of CPS cards, compared byte for byte.
    private static let answersToReset: [(model: CardModel, atr: [UInt8])] = [
        (
            .cps3,
            [0x3B, 0xAC, 0x00, 0x40, 0x2A, 0x00, 0x12, 0x25, 0x00, 0x64, 0x80, 0x00, 0x03, 0x10, 0x00, 0x90, 0x00]
        ),
        (
            .cps3Contactless,
            [
                0x3B, 0x8F, 0x80, 0x01, 0x00, 0x31, 0xB8, 0x64, 0x04, 0xB0, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0x82,
                0x90, 0x00, 0x0E,
            ]
        ),
        (
            .cps3Contactless,  // in public hospitals (cards.md §9.2)
            [
                0x3B, 0x8F, 0x80, 0x01, 0x00, 0x31, 0xB8, 0x64, 0x04, 0xB0, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0xFF,
                0xFF, 0xFF, 0xE3,
            ]
        ),
        (
            .cps4,  // release candidate
            [0x3B, 0x9B, 0x18, 0x80, 0x01, 0x00, 0x12, 0x25, 0x00, 0x64, 0x80, 0x00, 0x04, 0x01, 0x00, 0x90, 0x44]
        ),
        (
            .cps4,
            [0x3B, 0x9B, 0x18, 0x80, 0x01, 0x00, 0x12, 0x25, 0x00, 0x64, 0x80, 0x04, 0x01, 0x00, 0x00, 0x90, 0x44]
        ),
        (
            .cps4,  // T=0 only
            [0x3B, 0xDC, 0x18, 0xFF, 0x00, 0x00, 0x12, 0x25, 0x00, 0x64, 0x80, 0x00, 0x04, 0x01, 0x00, 0x90, 0x00]
        ),
    ]
}

extension CardModel {
    /// Whether the card has a PIN. Contactless cards have none (cards.md §3.7).
    public var hasPIN: Bool { self != .cps3Contactless }

    /// Whether the card reports an unfinished update (EF_ACTUA; cards.md §6.1).
    public var reportsUpdates: Bool { self == .cps3 }
}
