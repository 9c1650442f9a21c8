// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import VirtualCPS

@testable import CPSData

/// Profiles of virtual cards take every code that the command can spell out.
@Suite struct ProfileCodeTests {
    /// The shipped profile of a doctor, one text replaced.
    private func profile(_ text: String, _ replacement: String) throws -> VirtualCPS.CardProfile {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Sources/cps-virtual-card/Profiles/doctor-cps3.json")
        let json = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(json.contains(text))
        return try VirtualCPS.CardProfile(parsing: Array(json.replacingOccurrences(of: text, with: replacement).utf8))
    }

    @Test("every profession of table G15")
    func professions() throws {
        for code in CodeTable.professions.meanings.keys {
            #expect(try profile("\"profession\": \"10\"", "\"profession\": \"\(code)\"").holder.profession == code)
        }
    }

    @Test("every speciality of table R01")
    func specialities() throws {
        for code in CodeTable.specialities.meanings.keys {
            #expect(try profile("SM26", code).holder.speciality == code)
        }
    }

    @Test("every sector of table R02, and every kind of a person's number")
    func sectorsAndIdentifiers() throws {
        for code in CodeTable.sectors.meanings.keys {
            #expect(try profile("SA01", code).activities[1].sector == code)
        }
        for code in CodeTable.personIdentifiers.meanings.keys {
            let found = try profile("\"identifierType\": \"8\"", "\"identifierType\": \"\(code)\"").holder
                .identifierType
            #expect(found == code)
        }
    }
}
