// SPDX-License-Identifier: Apache-2.0

/// A "situation d'exercice": where and how the holder works. Needs the PIN.
public struct Activity: Sendable, Equatable {
    /// 1 to 16; numbers may be left out, and those that are there keep theirs.
    public let number: Int
    /// The name of the place of work.
    public let structureName: String?
    /// Struct_IdNat of the place of work.
    public let structureIdentifier: NationalIdentifier?
    /// Table R02.
    public let sector: CodedValue?
    /// Table G17; guessed, where the card has one field only that fits.
    public let exerciseMode: CodedValue?

    /// nil for an object that is none.
    public init?(_ object: CardDataObject) {
        guard let number = CardDataObject.activityNumber(of: object.label) else { return nil }
        self.number = number
        structureName = object.text(.structureName)
        structureIdentifier = object.text(.structureIdentifier).flatMap(NationalIdentifier.init(structure:))
        sector = object.text(.sector).map { CodedValue($0, in: .sectors) }
        exerciseMode = object.text(.exerciseMode).map { CodedValue($0, in: .exerciseModes) }
    }
}
