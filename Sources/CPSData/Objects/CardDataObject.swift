// SPDX-License-Identifier: Apache-2.0

/// One data object of the card: its fields, and what is known of them.
public struct CardDataObject: Sendable, Equatable {
    /// CPS_NAME_PS.
    public let label: String
    /// All fields in the order of the file.
    public internal(set) var fields: [DataField]

    /// - Parameters:
    ///   - value: the object's file, as the card gives it.
    ///   - hints: what is known of the holder from elsewhere.
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

    /// What is known from sources whose form is documented. A field that says the same
    /// is recognised by that.
    public struct Hints: Sendable, Equatable {
        /// The ten digits printed on the card, from its token label.
        public var cardNumber: String?
        /// From the card's authentication certificate.
        public var certificate: HolderCertificate?

        /// Hints from what could be read; without any, fields are recognised by their form alone.
        public init(cardNumber: String? = nil, certificate: HolderCertificate? = nil) {
            self.cardNumber = cardNumber
            self.certificate = certificate
        }
    }

    /// The text of the first field that means this.
    public func text(_ meaning: DataField.Meaning) -> String? { field(meaning)?.text }

    /// The first field that means this; nil when none does.
    public func field(_ meaning: DataField.Meaning) -> DataField? { fields.first { $0.meaning == meaning } }

    /// The fields that nobody has described.
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

    /// Gives a meaning to the one field that has none yet and fits; to none when
    /// several do, because then it is a guess too many.
    mutating func infer(_ meaning: DataField.Meaning, _ fits: (DataField) -> Bool) {
        // checked: its own indices
        let candidates = fields.indices.filter { fields[$0].meaning == nil && fits(fields[$0]) }
        guard let index = candidates.first, candidates.count == 1 else { return }
        mark(index, as: meaning, isInferred: true)
    }

    /// Gives a meaning to the first field that says what is known from elsewhere.
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
