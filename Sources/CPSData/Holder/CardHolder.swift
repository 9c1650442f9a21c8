// SPDX-License-Identifier: Apache-2.0

/// Whose card it is.
public struct CardHolder: Sendable, Equatable {
    public var familyName: String?
    public var givenName: String?
    /// Stands in the certificates in place of the name.
    public var pseudonym: String?
    public var civility: CodedValue?
    public var identifier: NationalIdentifier?
    public var profession: CodedValue?
    /// The profession that a person in training will have.
    public var futureProfession: CodedValue?
    /// The profession's name, or the kind of card, in the certificate's words.
    public var title: String?
    public var speciality: CodedValue?
    /// ISO 639 codes.
    public var languages: [String]
    /// The establishment that the card belongs to.
    public var organisation: Organisation?

    public struct Organisation: Sendable, Equatable {
        public var name: String?
        public var identifier: NationalIdentifier?
        public var department: String?
    }

    /// Puts together what the certificate and the data objects say; the certificate is
    /// believed first.
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
