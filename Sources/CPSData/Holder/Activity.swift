// SPDX-License-Identifier: Apache-2.0

/// A "situation d'exercice": where and how the holder works. Needs the PIN. What the card does
/// not say is nil.
public struct Activity: Sendable, Equatable {
    /// 1 to 16; the numbers of a card may have gaps.
    public let number: Int
    /// The name of the place of work.
    public let structureName: String?
    /// Struct_IdNat of the place of work.
    public let structureIdentifier: NationalIdentifier?
    /// Table R02.
    public let sector: CodedValue?
    /// Table G17; inferred if exactly one field fits.
    public let exerciseMode: CodedValue?
    /// Whether the activity could be read.
    public let state: State

    /// The state of an activity on the card.
    public enum State: String, Sendable {
        /// At least one of the fields above is known.
        case described
        /// The card has the object, but it is empty: a removed activity.
        case empty
        /// The content cannot be read or understood.
        case unreadable
    }

    /// nil if the object is not an activity.
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

    /// An activity that the card lists but does not return; nil if the label is not an activity's.
    public init?(unreadable label: String) {
        guard let number = CardDataObject.activityNumber(of: label) else { return nil }
        self.number = number
        (structureName, structureIdentifier, sector, exerciseMode) = (nil, nil, nil, nil)
        state = .unreadable
    }
}
