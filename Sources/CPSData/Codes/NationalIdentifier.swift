// SPDX-License-Identifier: Apache-2.0

/// The number of a person or a structure, with its kind. On the card they are one text: the
/// code of the kind, then the number (PS_IdNat, Struct_IdNat; cards.md §5.5).
public struct NationalIdentifier: Sendable, Equatable {
    /// One digit, of table G08 for people and G07 for structures.
    public let kind: CodedValue
    /// The number; for an establishment's staff, that of the establishment, a slash, and their
    /// number in its register.
    public let number: String

    /// A person's: `899700735741`. nil if the kind or the number is missing.
    public init?(person text: String) { self.init(text, in: .personIdentifiers) }

    /// A structure's: `10B0307377`. nil if the kind or the number is missing.
    public init?(structure text: String) { self.init(text, in: .structureIdentifiers) }

    /// The one text of the card, which assertions have too: `899700735741`.
    public var idNat: String { kind.code + number }

    private init?(_ text: String, in table: CodeTable) {
        // The kind is one digit, although the table has a longer code.
        guard let first = text.first, first.isASCII, first.isNumber, text.count > 1 else { return nil }
        kind = CodedValue(String(first), in: table)
        number = String(text.dropFirst())
    }
}
