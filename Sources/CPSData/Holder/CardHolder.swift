// SPDX-License-Identifier: Apache-2.0

/// The holder of the card. What neither the certificate nor the card's data says is nil.
public struct CardHolder: Sendable, Equatable {
    /// From the certificate, or CPS_NAME_PS.
    public var familyName: String?
    /// From the certificate, or CPS_NAME_PS.
    public var givenName: String?
    /// Replaces the name in the certificates.
    public var pseudonym: String?
    /// Table G03.
    public var civility: CodedValue?
    /// PS_IdNat, the national number.
    public var identifier: NationalIdentifier?
    /// Table G15; nil on employees' cards.
    public var profession: CodedValue?
    /// The future profession of a person in training.
    public var futureProfession: CodedValue?
    /// The profession's name, or the kind of card, in the certificate's words.
    public var title: String?
    /// Table R01.
    public var speciality: CodedValue?
    /// ISO 639 codes.
    public var languages: [String]
    /// The establishment that the card belongs to.
    public var organisation: Organisation?

    /// An establishment, as the holder's certificate names it.
    public struct Organisation: Sendable, Equatable {
        /// O of the subject.
        public var name: String?
        /// Struct_IdNat; nil for a number of unknown kind.
        public var identifier: NationalIdentifier?
        /// L or ST of the subject.
        public var department: String?
    }

    /// Combines the certificate and the data objects; the certificate takes precedence.
    public init(certificate: HolderCertificate?, objects: [CardDataObject]) {
        let text = { (meaning: DataField.Meaning) in objects.lazy.compactMap { $0.text(meaning) }.first }
        familyName = certificate?.familyName ?? text(.familyName)
        givenName = certificate?.givenName ?? text(.givenName)
        pseudonym = certificate?.pseudonym
        civility = text(.civility).map { CodedValue($0, in: .civilities) }
        identifier = (certificate?.identifier ?? text(.identifier)).flatMap(NationalIdentifier.init(person:))
        profession = (certificate?.profession ?? text(.profession)).map { CodedValue($0, in: .professions) }
        futureProfession = text(.futureProfession).map { CodedValue($0, in: .futureProfessions) }
        title = certificate?.title
        speciality = text(.speciality).map { CodedValue($0, in: .specialities) }
        languages = objects.flatMap(\.fields).filter { $0.meaning == .language }.compactMap(\.text)
        if let certificate, let identifier = certificate.organisationIdentifier {
            organisation = Organisation(
                name: certificate.organisation, identifier: NationalIdentifier(structure: identifier),
                department: certificate.department)
        }
    }
}
