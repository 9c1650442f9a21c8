// SPDX-License-Identifier: Apache-2.0

extension CardModel {
    /// Whether the card has a PIN; a contactless one has none (cards.md §3.7).
    public var hasPIN: Bool { self != .cps3Contactless }

    /// Whether the card tells of an update that was begun and not finished (EF_ACTUA;
    /// cards.md §6.1).
    public var tellsOfUpdates: Bool { self == .cps3 }
}
