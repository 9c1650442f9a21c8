// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VirtualCPSTestSupport

@testable import VirtualCPS

/// Profiles: those that ship are good, and a wrong field is named.
@Suite struct ProfileTests {
    @Test("the shipped profiles: each another card")
    func shipped() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/cps-virtual-card/Profiles")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var serials: Set<String> = []
        var numbers: Set<String> = []
        for file in files {
            guard case .cps(let profile) = try DescribedCard(parsing: Array(Data(contentsOf: file))) else { continue }
            #expect(serials.insert(profile.serial).inserted, "\(file.lastPathComponent)")
            #expect(numbers.insert(profile.cardNumber).inserted, "\(file.lastPathComponent)")
        }
        #expect(serials.count == files.count - 1 && serials.count >= 20)
    }

    @Test("a card that is none of ours has an answer to reset and a protocol")
    func foreign() throws {
        let card = try DescribedCard(parsing: TestCard.text("vitale"))
        #expect(card == .foreign(atr: hex("3B 75 13 00 00 47 09 EA 90 00"), transport: .t0))
        for (text, field) in [
            ("{\"atr\": \"3B\", \"protocol\": \"t0\"}", "atr"),
            ("{\"atr\": \"3B 00\", \"protocol\": \"t2\"}", "protocol"),
            ("{\"atr\": \"3B 00\", \"protocol\": \"t0\", \"family\": \"CPS\"}", "family"),
        ] {
            do {
                _ = try DescribedCard(parsing: Array(text.utf8))
                Issue.record("accepted: \(text)")
            } catch {
                #expect(error.field == field)
            }
        }
    }

    @Test("what is on the card of a certificate that is missing: its key")
    func missingCertificate() throws {
        let card = try TestCard("certificate-missing")
        try card.run(CPS4ExchangeTests.selectApplet)
        try card.expect("01 A4 08 00 04 00 01 A0 01 00", "6A82")
        #expect(card.card.profile.certificates[.signature] == .missing)
        let files = DirectoryFiles(generation: .cps4, keys: [.signature], withoutCertificate: [.signature])
        #expect(files.certificates.isEmpty && !files.privateKeys.isEmpty)
    }

    @Test("a CPS4 speaks T=0 unless told otherwise")
    func transport() throws {
        let profile = try TestCard.profile("doctor-cps4")
        let card = try VirtualCard(profile: profile, credentials: CardCredentials.selfSigned(for: profile))
        #expect(card.transport == .t0)
        #expect(card.atr == hex("3B DC 18 FF 00 00 12 25 00 64 80 00 04 01 00 90 00"))
    }

    @Test(
        "a wrong field is named",
        arguments: [
            ("\"generation\": \"CPS3\"", "\"generation\": \"CPS5\"", "generation"),
            ("\"family\": \"CPS\"", "\"family\": \"\"", "family"),
            ("\"family\": \"CPS\"", "\"family\": \"CPE\"", "organisation"),
            ("\"family\": \"CPS\"", "\"family\": \"CPF\"", "holder.futureProfession"),
            ("\"number\": \"2600000001\"", "\"number\": \"26\"", "card.number"),
            ("\"serial\": \"99213845\"", "\"serial\": \"9921384x\"", "card.serial"),
            ("2024-01-01", "2023-02-29", "card.validFrom"), ("2034-12-31", "2001-12-31", "card.validUntil"),
            ("\"civility\": \"M\"", "\"civility\": \"Dr\"", "holder.civility"),
            ("\"identifierType\": \"8\"", "\"identifierType\": \"7\"", "holder.identifierType"),
            ("\"identifier\": \"99700735741\"", "\"identifier\": \"9970073574\"", "holder.identifier"),
            ("\"languages\": \"fr en\"", "\"languages\": \"french\"", "holder.languages"),
            ("\"profession\": \"10\"", "\"profession\": \"11\"", "holder.profession"),
            ("\"speciality\": \"SM26\"", "\"speciality\": \"26SM\"", "holder.speciality"),
            ("\"speciality\": \"SM26\"", "\"speciality\": \"SM2\"", "holder.speciality"),
            ("\"value\": \"1234\"", "\"value\": \"12345\"", "pin.value"),
            ("\"value\": \"1234\"", "\"value\": \"1234\", \"block\": \"fixed\"", "pin.block"),
            ("\"cpsDataSize\": 256", "\"certificateSize\": 100", "certificateSize"),
            ("\"number\": 7", "\"number\": 17", "activities[2].number"),
            ("\"number\": 7", "\"number\": 3", "activities[2].number"),
            ("\"number\": 7", "\"number\": \"7\"", "activities[2].number"),
            ("\"number\": 7", "\"number\": 1.5", "activities[2].number"),
            ("\"number\": 7,", "", "activities[2].number"),
            ("\"sector\": \"SA01\"", "\"sector\": \"SA70\"", "activities[1].sector"),
            ("\"exerciseMode\": \"04\"", "\"exerciseMode\": \"4\"", "activities[2].exerciseMode"),
            ("\"structureName\": \"HOPITAL GENERIQUE\"", "\"structureName\": 5", "activities[1].structureName"),
            ("\"value\": \"1234\"", "\"value\": \"123\"", "pin.value"),
            ("\"value\": \"1234\"", "\"value\": \"1234\", \"triesLeft\": 4", "pin.triesLeft"),
            ("\"value\": \"12345678\"", "\"value\": \"1234567\"", "puk.value"),
            ("\"value\": \"12345678\"", "\"value\": \"12345678\", \"usesLeft\": -1", "puk.usesLeft"),
            ("\"updateLog\": \"none\"", "\"updateLog\": true", "updateLog"),
            ("\"cpsDataSize\": 256", "\"cpsDataSize\": 0", "cpsDataSize"),
            ("\"cpsDataSize\": 256", "\"cpsDataSise\": 256", "cpsDataSise"),
            ("\"cpsDataSize\": 256", "\"certificates\": {\"signature\": \"good\"}", "certificates.signature"),
            ("\"cpsDataSize\": 256", "\"certificates\": {\"technical\": \"valid\"}", "certificates.technical"),
            ("\"holder\": {", "\"holder\": [], \"other\": {", "holder"),
        ])
    func wrongField(text: String, replacement: String, field: String) throws {
        let good = String(decoding: try TestCard.text("doctor-cps3"), as: UTF8.self)
        let range = try #require(good.range(of: text))
        let bad = good.replacingCharacters(in: range, with: replacement)
        do {
            _ = try CardProfile(parsing: Array(bad.utf8))
            Issue.record("accepted: \(replacement)")
        } catch {
            #expect(error.field == field)
            #expect(error.reason.english != error.reason.french)
            #expect(error.description.hasPrefix("\(field): "))
        }
    }

    @Test("what is no JSON, or no object", arguments: ["", "{", "[]", "5", "{\"generation\": }", "\u{FEFF}nothing"])
    func notJSON(text: String) { #expect(throws: ProfileError.self) { try CardProfile(parsing: Array(text.utf8)) } }

    @Test("a CPS4 has no EF_ACTUA")
    func updateLogOnCPS4() throws {
        let text = String(decoding: try TestCard.text("student"), as: UTF8.self)
            .replacingOccurrences(of: "\"CPS3\"", with: "\"CPS4\"")
        #expect(throws: ProfileError.self) { try CardProfile(parsing: Array(text.utf8)) }
    }

    @Test("another generation of the same card lowers the counters that it cannot hold")
    func otherGeneration() throws {
        let profile = try TestCard.profile("doctor-cps3").of(.cps4)
        #expect(profile.puk.triesLeft == CardProfile.maximumPUKTries(.cps4))
        #expect(profile.of(.cps3Contactless).certificates[.technical] == .valid)
    }

    @Test("openssl's configuration: subject forms, states, and no line that a name could smuggle in")
    func certificateConfiguration() throws {
        let today = try #require(CardDate("2024-02-29"))
        var profile = try TestCard.profile("doctor-cps3")
        profile.certificates[.signature] = .expired
        profile.certificates[.authentication] = .notYetValid
        profile.holder.familyName = "A$B#C\\D"
        let text = CertificateConfiguration(profile: profile, today: today).text
        #expect(text.contains("issuer = fort-personnes\n"))
        #expect(text.contains("date_signature_end = 20230228000000Z\n"))
        #expect(text.contains("date_authentication_start = 20250228000000Z\n"))
        profile.certificates[.signature] = .expiring
        profile.certificateSize = 4096
        let other = CertificateConfiguration(profile: profile, today: today).text
        #expect(other.contains("date_signature_end = 20240320000000Z\nstate_signature = expiring\n"))
        #expect(other.contains("end_signature = 20240320000000Z\n") && other.contains("size = 4096\n"))
        #expect(text.contains("surname = A\\$B\\#C\\\\D\n"))
        #expect(text.contains("+CN = 899700735741\n"))
        let employee = CertificateConfiguration(profile: try TestCard.profile("employee"), today: today).text
        #expect(employee.contains("issuer = standard-personnes\n"))
        #expect(employee.contains("pseudonym = EMPLOYE0000018\nCN = 3760021832/000000018\n"))
    }
}
