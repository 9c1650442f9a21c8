// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import VirtualCPS

/// Profiles: those that ship are good, and a wrong field is named.
@Suite struct ProfileTests {
    @Test("the shipped profiles", arguments: ["doctor-cps3", "doctor-cps4", "student", "employee", "contactless"])
    func shipped(name: String) throws {
        let profile = try TestCard.profile(name)
        #expect(!profile.activities.isEmpty)
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
        #expect(text.contains("surname = A\\$B\\#C\\\\D\n"))
        #expect(text.contains("+CN = 899700735741\n"))
        let employee = CertificateConfiguration(profile: try TestCard.profile("employee"), today: today).text
        #expect(employee.contains("issuer = standard-personnes\n"))
        #expect(employee.contains("pseudonym = EMPLOYE0000018\nCN = 3760021832/000000018\n"))
    }
}
