// SPDX-License-Identifier: Apache-2.0

/// One data object of the card: its fields and their meanings.
public struct CardDataObject: Sendable, Equatable {
    /// The label, for example CPS_NAME_PS.
    public let label: String
    /// All fields in the order of the file.
    public internal(set) var fields: [DataField]

    /// - Parameters:
    ///   - label: the object's label.
    ///   - value: the content of the object's file.
    ///   - hints: facts about the holder from other sources.
    public init(label: String, value: [UInt8], hints: Hints = Hints()) {
        self.label = label
        fields = DataField.all(in: value)
        switch label {
        case "CPS_ID_CARD": describeCard(hints)
        case "CPS_NAME_PS": describeName(hints)
        case "CPS_LANG_PS": describeLanguages()
        case "CPS_INFO_PS": describeProfession(hints)
        default: if CardDataObject.activityNumber(of: label) != nil { describeActivity() }
        }
    }

    /// Facts from sources with a documented format. A field with the same value is
    /// recognised by it.
    public struct Hints: Sendable, Equatable {
        /// The ten digits printed on the card, from its token label.
        public var cardNumber: String?
        /// From the card's authentication certificate.
        public var certificate: HolderCertificate?

        /// Without hints, fields are recognised by their form alone.
        public init(cardNumber: String? = nil, certificate: HolderCertificate? = nil) {
            self.cardNumber = cardNumber
            self.certificate = certificate
        }
    }

    /// The text of the first field with this meaning; nil if there is none.
    public func text(_ meaning: DataField.Meaning) -> String? { field(meaning)?.text }

    /// The first field with this meaning; nil if there is none.
    public func field(_ meaning: DataField.Meaning) -> DataField? { fields.first { $0.meaning == meaning } }

    /// The fields without a known meaning.
    public var unknownFields: [DataField] { fields.filter { $0.meaning == nil } }

    /// The number in CPS_ACTIVITY_nn_PS; nil for another label.
    static func activityNumber(of label: String) -> Int? {
        let (begin, end) = ("CPS_ACTIVITY_", "_PS")
        guard label.hasPrefix(begin), label.hasSuffix(end) else { return nil }
        let digits = label.dropFirst(begin.count).dropLast(end.count)
        guard digits.utf8.count == 2, digits.utf8.allSatisfy(isDigit), let number = Int(digits), number > 0 else {
            return nil
        }
        return number
    }

    /// Gives a meaning to the only field that fits and has none yet; to no field if several
    /// fit.
    mutating func infer(_ meaning: DataField.Meaning, _ fits: (DataField) -> Bool) {
        // checked: its own indices
        let candidates = fields.indices.filter { fields[$0].meaning == nil && fits(fields[$0]) }
        guard let index = candidates.first, candidates.count == 1 else { return }
        mark(index, as: meaning, isInferred: true)
    }

    /// Gives a meaning to the first field with a known value.
    mutating func recognise(_ meaning: DataField.Meaning, by known: String?) {
        guard let known = known?.lowercased(),
            let index = fields.firstIndex(where: { $0.meaning == nil && $0.text?.lowercased() == known })
        else { return }
        mark(index, as: meaning, isInferred: false)
    }

    mutating func mark(_ index: Int, as meaning: DataField.Meaning, isInferred: Bool) {
        fields[index].meaning = meaning  // checked: its own indices
        fields[index].isInferred = isInferred  // checked: its own indices
    }
}
