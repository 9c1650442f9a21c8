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
    /// Whether there is anything to say of it.
    public let state: State

    /// What the card holds of an activity.
    public enum State: String, Sendable {
        /// At least one of the fields above is known.
        case described
        /// The card has the object, and nothing in it: an activity that was taken away.
        case empty
        /// There is something in it that nobody can make sense of, or it cannot be read.
        case unreadable
    }

    /// nil for an object that is none.
    public init?(_ object: CardDataObject) {
        guard let number = CardDataObject.activityNumber(of: object.label) else { return nil }
        self.number = number
        structureName = object.text(.structureName)
        structureIdentifier = object.text(.structureIdentifier).flatMap(NationalIdentifier.init(structure:))
        sector = object.text(.sector).map { CodedValue($0, in: .sectors) }
        exerciseMode = object.text(.exerciseMode).map { CodedValue($0, in: .exerciseModes) }
        let isDescribed = structureName != nil || structureIdentifier != nil || sector != nil || exerciseMode != nil
        state = isDescribed ? .described : object.fields.allSatisfy(\.bytes.isEmpty) ? .empty : .unreadable
    }

    /// One that the card announces and does not give; nil for the label of another object.
    public init?(unreadable label: String) {
        guard let number = CardDataObject.activityNumber(of: label) else { return nil }
        self.number = number
        (structureName, structureIdentifier, sector, exerciseMode) = (nil, nil, nil, nil)
        state = .unreadable
    }
}
