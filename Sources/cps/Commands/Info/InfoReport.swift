// SPDX-License-Identifier: Apache-2.0

import CPSData

/// `cps-info/1`: the holder and the card (docs/json.md, docs/schema/cps-info-1.json).
struct InfoReport: Report {
    static let schema = "cps-info/1"

    let reader: String
    let card: Card
    let holder: Holder
    let certificates: [CertificateReport]
    /// Left out if the PIN was not presented.
    let activities: [ActivityReport]?
    /// Every field of every data object.
    let objects: [ObjectReport]
    /// The labels of data objects that the card lists but does not return.
    let unreadableObjects: [String]

    struct Card: Encodable {
        let model: String
        let label: String?
        let number: String?
        let serialNumber: String
        let family: String?
        let type: CodedReport?
        let category: CodedReport?
        /// ISO 8601.
        let validFrom: String?
        let validUntil: String?
    }

    struct Holder: Encodable {
        let familyName: String?
        let givenName: String?
        let pseudonym: String?
        let civility: CodedReport?
        let identifier: IdentifierReport?
        let title: String?
        let profession: CodedReport?
        let futureProfession: CodedReport?
        let speciality: CodedReport?
        let languages: [String]
        let organisation: Organisation?
    }

    struct Organisation: Encodable {
        let name: String?
        let identifier: IdentifierReport?
        let department: String?
    }

    struct ActivityReport: Encodable {
        let number: Int
        /// `empty` or `unreadable`; left out if the fields below have values.
        let state: String?
        let structureName: String?
        let structureIdentifier: IdentifierReport?
        let sector: CodedReport?
        let exerciseMode: CodedReport?
        /// Left out with `state`.
        let vihf: VIHFReport?
    }

    struct ObjectReport: Encodable {
        let label: String
        let fields: [Field]

        struct Field: Encodable {
            let tags: String
            let hexadecimal: String
            let text: String?
            let meaning: String?
            /// Whether the meaning is inferred; left out without a meaning.
            let isInferred: Bool?
        }
    }

    init(_ file: HolderFile) {
        reader = file.reader
        let (card, holder) = (file.card, file.holder)
        self.card = Card(
            model: file.content.model.name, label: file.content.identity.tokenInfo?.label, number: card.number,
            serialNumber: file.content.identity.serialNumber.digits, family: card.family?.rawValue,
            type: card.type.map(CodedReport.init), category: card.category.map(CodedReport.init),
            validFrom: card.validFrom?.iso8601, validUntil: card.validUntil?.iso8601)
        self.holder = Holder(
            familyName: holder.familyName, givenName: holder.givenName, pseudonym: holder.pseudonym,
            civility: holder.civility.map(CodedReport.init), identifier: holder.identifier.map(IdentifierReport.init),
            title: holder.title, profession: holder.profession.map(CodedReport.init),
            futureProfession: holder.futureProfession.map(CodedReport.init),
            speciality: holder.speciality.map(CodedReport.init), languages: holder.languages,
            organisation: holder.organisation.map {
                Organisation(
                    name: $0.name, identifier: $0.identifier.map(IdentifierReport.init), department: $0.department)
            })
        certificates = file.content.certificates.map(CertificateReport.init)
        let issuer = file.content.certificates.first { $0.use == .signature }?.certificate?.subject.rfc2253
        activities = file.activities?.map { activity in
            ActivityReport(
                number: activity.number, state: activity.state == .described ? nil : activity.state.rawValue,
                structureName: activity.structureName,
                structureIdentifier: activity.structureIdentifier.map(IdentifierReport.init),
                sector: activity.sector.map(CodedReport.init),
                exerciseMode: activity.exerciseMode.map(CodedReport.init),
                vihf: VIHF(activity, of: holder).map { VIHFReport($0, issuer: issuer) })
        }
        objects = file.objects.map { object in
            ObjectReport(
                label: object.label,
                fields: object.fields.map {
                    ObjectReport.Field(
                        tags: $0.path, hexadecimal: $0.hexadecimal, text: $0.text, meaning: $0.meaning?.rawValue,
                        isInferred: $0.meaning == nil ? nil : $0.isInferred)
                })
        }
        unreadableObjects = file.unreadable
    }
}

/// A code table entry: the card's code, and its meaning in both languages if the table
/// has it.
struct CodedReport: Encodable {
    let table: String
    let code: String
    let english: String?
    let french: String?

    init(_ value: CodedValue) {
        table = value.table.name
        code = value.code
        english = value.meaning?.english
        french = value.meaning?.french
    }
}

/// The national identifier of a person or a structure.
struct IdentifierReport: Encodable {
    let kind: CodedReport
    let number: String

    init(_ identifier: NationalIdentifier) {
        kind = CodedReport(identifier.kind)
        number = identifier.number
    }
}

extension CodedValue {
    /// For people: the meaning, or the code if the table does not have it.
    var text: String { meaning?.text ?? "\(code.printable) (\(table.name))" }
}

extension NationalIdentifier {
    /// For people: the number and its kind.
    var text: String { "\(number.printable) (\(kind.text))" }
}

/// The fields of a VIHF that come from the card, by their names there (docs/clients/dmp.md).
struct VIHFReport: Encodable {
    /// The subject of the signature certificate.
    let issuer: String?
    let nameID: String?
    let structure: String?
    let sector: String?
    let userName: String?
    let roles: [Role]

    struct Role: Encodable {
        let code: String
        let codeSystem: String
        let codeSystemName: String
        let displayName: String
    }

    init(_ vihf: VIHF, issuer: String?) {
        self.issuer = issuer
        nameID = vihf.nameID
        structure = vihf.structure
        sector = vihf.sector
        userName = vihf.userName
        roles = vihf.roles.map {
            Role(
                code: $0.code, codeSystem: $0.codeSystem, codeSystemName: $0.codeSystemName,
                displayName: $0.displayName)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case issuer = "Issuer"
        case nameID = "NameID"
        case structure = "Identifiant_Structure"
        case sector = "Secteur_Activite"
        case userName = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
        case roles = "urn:oasis:names:tc:xacml:2.0:subject:role"
    }
}
