// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Testing
import VirtualCPS

@testable import Cryptoki

/// How many commands a card gets for what programs do all day: a command more is
/// 12 ms more for a doctor, each time. These tests count, exactly; a change that
/// needs a command more has to change a number here, and say why. "Cold" is a card
/// of which nothing is known, "warm" the next program. What the cold card takes is
/// compared with what the official library has it take for the same calls.
@Suite("Commands sent to a card")
struct CommandCountTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var card: String
        var scenario: Scenario
        var cold: Int
        var warm: Int
        /// Card time with the official library, cold, by scripts/bench, in milliseconds.
        var official: Double
        /// What of it we may take.
        var share: Double
        var testDescription: String { "\(scenario) on \(card)" }
    }

    enum Scenario: Sendable {
        case listSlots, listObjects, logInAndListAll, signWithAuthenticationKey, signWithSignatureKey
        case authenticateTLSClient

        func run(_ program: Program) throws {
            switch self {
            case .listSlots: try program.listSlots()
            case .listObjects: try program.listObjects(program.open())
            case .logInAndListAll: try program.listObjects(program.logIn())
            case .signWithAuthenticationKey: try program.logInAndSign("CPS_PRIV_AUT")
            case .signWithSignatureKey: try program.logInAndSign("CPS_PRIV_SIG")
            case .authenticateTLSClient: try program.authenticateTLSClient()
            }
        }
    }

    // A CPS4 is recognized by the beginning of its certificate: two commands cold, none warm,
    // where TokenInfo, which does not tell of every update, is read anyway.
    // Listing all with a login is compared with listing what is public: the official
    // library reads nothing for it that it would have to compare.
    static let rows = [
        Row(card: "doctor-cps3", scenario: .listSlots, cold: 17, warm: 8, official: 2874, share: 0.42),
        Row(card: "doctor-cps3", scenario: .listObjects, cold: 30, warm: 3, official: 5892, share: 0.5),
        Row(card: "doctor-cps3", scenario: .logInAndListAll, cold: 34, warm: 5, official: 5892, share: 0.6),
        Row(card: "doctor-cps3", scenario: .signWithAuthenticationKey, cold: 27, warm: 9, official: 3619, share: 0.8),
        Row(card: "doctor-cps3", scenario: .signWithSignatureKey, cold: 27, warm: 9, official: 3600, share: 0.8),
        Row(card: "doctor-cps3", scenario: .authenticateTLSClient, cold: 33, warm: 14, official: 5439, share: 0.6),
        Row(card: "doctor-cps4", scenario: .listSlots, cold: 13, warm: 5, official: 558, share: 0.4),
        Row(card: "doctor-cps4", scenario: .listObjects, cold: 28, warm: 3, official: 995, share: 0.62),
        Row(card: "doctor-cps4", scenario: .logInAndListAll, cold: 31, warm: 4, official: 995, share: 0.7),
        Row(card: "doctor-cps4", scenario: .signWithAuthenticationKey, cold: 24, warm: 8, official: 1149, share: 0.86),
        Row(card: "doctor-cps4", scenario: .signWithSignatureKey, cold: 23, warm: 7, official: 1114, share: 0.85),
        Row(card: "doctor-cps4", scenario: .authenticateTLSClient, cold: 27, warm: 11, official: 1406, share: 0.8),
    ]

    @Test("are counted, cold and warm", arguments: rows)
    func counts(_ row: Row) throws {
        let bench = try Bench(row.card, store: MemoryStore())
        let cold = try bench.run(row.scenario.run)
        #expect(cold == row.cold, "\(bench.readers.commands)")
        #expect(bench.cardTime(row.card) <= row.official * row.share)
        bench.readers.clearRecord()
        let warm = try bench.run(row.scenario.run)
        #expect(warm == row.warm, "\(bench.readers.commands)")
    }

    @Test(
        "are the fewest for each further signature",
        arguments: [
            ("doctor-cps3", "CPS_PRIV_AUT", CKM_RSA_PKCS, 4), ("doctor-cps3", "CPS_PRIV_SIG", CKM_RSA_PKCS, 4),
            ("doctor-cps3", "CPS_PRIV_SIG", CKM_SHA256_RSA_PKCS, 6),
            ("doctor-cps4", "CPS_PRIV_AUT", CKM_RSA_PKCS, 4), ("doctor-cps4", "CPS_PRIV_SIG", CKM_RSA_PKCS, 3),
            ("doctor-cps4", "CPS_PRIV_SIG", CKM_SHA256_RSA_PKCS, 3),
        ] as [(String, String, CK_MECHANISM_TYPE, Int)])
    func furtherSignatures(card: String, label: String, mechanism: CK_MECHANISM_TYPE, count: Int) throws {
        let bench = try Bench(card, store: nil)
        try bench.run { program in
            let session = try program.logIn()
            let key = try program.key(label, session)
            try program.sign(session, key, mechanism)
            bench.readers.clearRecord()
            try program.sign(session, key, mechanism)
            #expect(bench.readers.commands.count == count, "\(bench.readers.commands)")
        }
    }

    @Test("leave keys their handles when the public keys are read later", arguments: ["doctor-cps3", "doctor-cps4"])
    func handles(card: String) throws {
        let bench = try Bench(card, store: nil)
        try bench.run { program in
            let session = try program.logIn()
            let key = try program.key("CPS_PRIV_AUT", session)
            try program.provider.findObjectsInit(session, [])
            let all = try program.provider.findObjects(session, count: 100)
            try program.provider.findObjectsFinal(session)
            #expect(all.contains(key) && Set(all).count == all.count)
            #expect(try program.key("CPS_PRIV_AUT", session) == key)
            let classes = try all.prefix(6).map { try program.provider.object(session, $0).value(of: CKA_CLASS) }
            #expect(classes.filter { $0 == AttributeValue.number(CKO_PUBLIC_KEY) }.count == 2)
        }
    }

    @Test("are one more where the card was updated", arguments: rows.filter { $0.card == "doctor-cps3" })
    func updatedCard(_ row: Row) throws {
        let bench = try Bench(row.card, store: MemoryStore()) { $0.updateLog = .present }
        #expect(try bench.run(row.scenario.run) == row.cold + 1, "\(bench.readers.commands)")
        #expect(try bench.run(row.scenario.run) == row.warm + 1, "\(bench.readers.commands)")
    }

    @Test("are none for listing slots and asking again", arguments: ["doctor-cps3", "doctor-cps4"])
    func nothing(card: String) throws {
        let bench = try Bench(card, store: nil)
        #expect(try bench.run { _ in } == 0)
        try bench.run { program in
            let session = try program.open()
            try program.listObjects(session)
            bench.readers.clearRecord()
            for _ in 0..<10 {
                _ = try program.provider.slotInfo(0)
                try program.listObjects(session)
            }
            #expect(bench.readers.commands.isEmpty)
        }
    }
}
