// SPDX-License-Identifier: Apache-2.0

import Foundation
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSData
@testable import VirtualCPS

/// What the virtual cards write, with the certificate of their own authority and
/// without: the two sides share no line about it.
@Suite("Data of whole cards")
struct VirtualCardDataTests {
    private func profile(_ name: String) throws -> CardProfile {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Sources/cps-virtual-card/Profiles/\(name).json")
        return try CardProfile(parsing: Array(try Data(contentsOf: file)))
    }

    private func objects(_ profile: CardProfile, _ hints: CardDataObject.Hints = .init()) -> [CardDataObject] {
        let data = BusinessData(profile: profile)
        return [
            CardDataObject(label: "CPS_ID_CARD", value: data.idCard, hints: hints),
            CardDataObject(label: "CPS_NAME_PS", value: data.name, hints: hints),
            CardDataObject(label: "CPS_LANG_PS", value: data.languages, hints: hints),
            CardDataObject(label: "CPS_INFO_PS", value: data.information, hints: hints),
        ]
    }

    @Test("A doctor, by the data objects alone")
    func doctor() throws {
        let profile = try profile("doctor-cps3")
        let objects = objects(profile, .init(cardNumber: "2600000001"))
        let holder = CardHolder(certificate: nil, objects: objects)
        #expect(holder.familyName == "DOC0073574")
        #expect(holder.givenName == "TEST")
        #expect(holder.civility?.meaning?.french == "M.")
        #expect(holder.identifier == NationalIdentifier(person: "899700735741"))
        #expect(holder.profession?.meaning?.french == "Médecin")
        #expect(holder.futureProfession == nil)
        #expect(holder.speciality?.code == "SM26")
        #expect(holder.languages == ["fr", "en"])
        #expect(holder.organisation == nil)
        let card = CardDescription(tokenLabel: "CPS3v3-2600000001", certificate: nil, objects: objects)
        #expect(card.number == "2600000001")
        #expect(card.category?.meaning?.english == "test card")
        #expect(card.family == .cps)
        #expect(card.validFrom?.iso8601 == "2024-01-01")
        #expect(card.validUntil?.iso8601 == "2034-12-31")
        // The issuer's number is the one field that nothing tells apart.
        #expect(objects.flatMap(\.unknownFields).map(\.text) == ["8025000001"])
    }

    @Test("A VIHF has structure and sector of one activity, and two roles for a doctor only")
    func vihf() throws {
        for (name, expected) in [
            ("doctor-cps4", ["10", "SM26"]), ("student", ["10"]), ("employee", []),
        ] {
            let profile = try profile(name)
            let (holder, data) = (
                CardHolder(certificate: nil, objects: objects(profile)), BusinessData(profile: profile)
            )
            for described in profile.activities {
                let label = "CPS_ACTIVITY_0\(described.number)_PS"
                let activity = Activity(CardDataObject(label: label, value: data.activity(described)))
                let vihf = try #require(activity.flatMap { VIHF($0, of: holder) })
                #expect(vihf.roles.map(\.code) == expected)
                #expect(vihf.sector == "\(described.sector)^1.2.250.1.71.4.2.4")
                #expect(vihf.structure == described.structureIdentifierType + described.structureIdentifier)
                // On other cards only the certificate has it.
                let identifier = profile.holder.identifierType + profile.holder.identifier
                #expect(vihf.nameID == (name == "doctor-cps4" ? identifier : nil))
            }
        }
        // A place that is reserved on the card says nothing.
        let empty = try #require(Activity(CardDataObject(label: "CPS_ACTIVITY_02_PS", value: [])))
        #expect(VIHF(empty, of: CardHolder(certificate: nil, objects: [])) == nil)
    }

    @Test("A member of an establishment: certificate and data together")
    func employee() throws {
        let profile = try profile("employee")
        let certificate = HolderCertificate(
            subject: [
                ("C", "FR"), ("ST", "Seine-Maritime (76)"), ("O", "HOPITAL GENERIQUE TEST"), ("OU", "1760021832"),
                ("title", "Carte de service santé ou social"), ("pseudonym", "EMPLOYE0000018"),
                ("CN", "3760021832/000000018"),
            ], issuer: "TEST AC IGC-SANTE STANDARD PERSONNES", encoding: [])
        let holder = CardHolder(
            certificate: certificate, objects: objects(profile, .init(cardNumber: nil, certificate: certificate)))
        #expect(holder.pseudonym == "EMPLOYE0000018")
        #expect(holder.familyName == "AGENT0000018")
        #expect(holder.identifier?.kind.code == "3")
        #expect(holder.identifier?.number == "760021832/000000018")
        #expect(holder.organisation?.identifier?.kind.meaning?.english == "FINESS number")
        #expect(holder.organisation?.identifier?.number == "760021832")
        #expect(holder.profession == nil)
        #expect(CardDescription(tokenLabel: nil, certificate: certificate, objects: []).family == .establishment)
    }

    @Test("A student: the profession is one to come, as the certificate's card type says")
    func student() throws {
        let profile = try profile("student")
        let credentials = try CardCredentials.selfSigned(for: profile)
        let certificate = HolderCertificate(
            subject: [("SN", "ETU0000042"), ("GN", "TEST"), ("title", "Étudiant"), ("CN", "90000000042")], issuer: nil,
            encoding: try #require(credentials.certificates[.authentication]))
        #expect(certificate.cardType == "01")
        #expect(certificate.cardCategory == "80")
        #expect(certificate.profession == nil)
        let objects = objects(profile, .init(certificate: certificate))
        let holder = CardHolder(certificate: certificate, objects: objects)
        #expect(holder.profession == nil)
        #expect(holder.futureProfession?.meaning?.french == "Médecin")
        #expect(holder.identifier?.kind.meaning?.french == "numéro d'étudiant")
        #expect(holder.speciality == nil)
        #expect(CardDescription(tokenLabel: nil, certificate: certificate, objects: objects).family == .cpf)
    }

    @Test("A contactless card's certificate names no person")
    func contactless() throws {
        let certificate = HolderCertificate(
            subject: [("C", "FR"), ("O", "TEST"), ("CN", "99214803")], issuer: "TEST AC IGC-SANTE FORT PERSONNES",
            encoding: [])
        #expect(certificate.identifier == nil)
        let holder = CardHolder(certificate: certificate, objects: objects(try profile("contactless")))
        #expect(holder.familyName == "DOC0073575")
        #expect(holder.identifier?.number == "99700735758")
        #expect(holder.organisation == nil)
    }

    @Test("The activities keep their numbers")
    func activities() throws {
        let profile = try profile("doctor-cps4")
        let data = BusinessData(profile: profile)
        let activities = profile.activities.compactMap { activity in
            Activity(CardDataObject(label: "CPS_ACTIVITY_0\(activity.number)_PS", value: data.activity(activity)))
        }
        #expect(activities.map(\.number) == [1, 3, 7])
        #expect(
            activities.map(\.structureName) == [
                "CABINET M DOC0073574", "HOPITAL GENERIQUE", "CABINET DE REMPLACEMENT TEST",
            ])
        #expect(activities.map { $0.structureIdentifier?.kind.code } == ["4", "1", "0"])
        #expect(activities.map { $0.exerciseMode?.meaning?.english } == ["self-employed", "employee", "replacement"])
    }
}
