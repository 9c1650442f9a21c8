extension CardModel {
    /// Whether the card has a PIN; a contactless one has none (cards.md §3.7).
    public var hasPIN: Bool { self != .cps3Contactless }
}
