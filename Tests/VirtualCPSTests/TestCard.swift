// SPDX-License-Identifier: Apache-2.0

import Foundation
import HostCryptography
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import VirtualCPS

/// A card for a test, and a short way to talk to it in hexadecimal.
final class TestCard {
    let card: VirtualCard
    let credentials: CardCredentials

    init(
        _ profile: String = "doctor-cps3", transport: TransportProtocol? = nil,
        options: VirtualCard.Options = .init(), change: (inout CardProfile) -> Void = { _ in }
    ) throws {
        var description = try TestCard.profile(profile)
        change(&description)
        credentials = try CardCredentials.selfSigned(for: description)
        // The exchanges of cards.md §10 with a CPS4 are in T=1 form.
        let transport = transport ?? (description.generation == .cps4 ? .t1 : nil)
        card = try VirtualCard(profile: description, credentials: credentials, transport: transport, options: options)
    }

    /// The text of a profile that ships with the project.
    static func text(_ name: String) throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(
            try Data(contentsOf: root.appendingPathComponent("Sources/cps-virtual-card/Profiles/\(name).json")))
    }

    static func profile(_ name: String) throws -> CardProfile { try CardProfile(parsing: text(name)) }

    /// What the card answers.
    func send(_ command: [UInt8]) -> [UInt8] { card.respond(to: command) }

    func send(_ command: String) throws -> [UInt8] {
        card.respond(to: try #require(Hexadecimal.decode(command)))
    }

    /// Sends a command and compares the whole answer.
    func expect(_ command: String, _ answer: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let found = try send(command)
        let wanted = answer.filter { $0 != " " }
        #expect(
            Hexadecimal.encode(found) == wanted, "\(command): \(card.log.last?.reason ?? "")",
            sourceLocation: sourceLocation)
    }

    /// Sends commands that all must be taken with 9000.
    func run(_ commands: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        for command in commands { try expect(command, "9000", sourceLocation: sourceLocation) }
    }

    /// A signature's 256 bytes fetched as the official library does with T=0.
    func fetchSignature(sourceLocation: SourceLocation = #_sourceLocation) throws -> [UInt8] {
        let first = try send("00 C0 00 00 E7")
        #expect(first.count == 233 && first.suffix(2) == [0x61, 0x19], sourceLocation: sourceLocation)
        let second = try send("00 C0 00 00 19")
        #expect(second.count == 27 && second.suffix(2) == [0x90, 0x00], sourceLocation: sourceLocation)
        return Array(first.dropLast(2) + second.dropLast(2))
    }

    func publicKey(_ key: CardKey) throws -> RSAPublicKey { try #require(credentials.keys[key]).publicKey }
}

/// The bytes of hexadecimal text in a test.
func hex(_ text: String) -> [UInt8] {
    guard let bytes = Hexadecimal.decode(text) else {
        Issue.record("not hexadecimal: \(text)")
        return []
    }
    return bytes
}
