// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import HostCryptography
import Testing
import VirtualCPSTestSupport

@testable import Cryptoki

/// Another program with a login of its own uses the same card whenever it can.
@Suite struct InterruptionTests {
    /// What the other program does to the card.
    enum Interruption: String, CaseIterable, Sendable {
        /// Signs with the other key and another hash.
        case otherSignature
        /// Names the other key and another hash, and leaves it at that.
        case otherEnvironment
        /// Leaves a hash half done, which a CPS3 would sign.
        case otherHash

        static func allCases(on kind: CardKind) -> [Interruption] {
            allCases.filter { kind == .cps3 || $0 != .otherHash }
        }
    }

    private static let message = Array(
        "a document to be signed, longer than a block of SHA-256, which is of 64 bytes".utf8)

    /// Mechanisms, with what each signs.
    private static func mechanisms(of kind: CardKind) -> [(Mechanism, data: [UInt8])] {
        let digest = HashContext.digest(of: message, with: .sha256)
        let info = DigestInfo.encode(algorithm: .sha256, digest: digest) ?? []
        let all: [(Mechanism, data: [UInt8])] = [(.rsa, info), (.sha256, message), (.sha1, message)]
        return kind == .cps4 ? all + [(.pss(CKM_SHA256_RSA_PKCS_PSS, .sha256), message)] : all
    }

    /// The raw commands of a program that leaves the card in the middle of something.
    private static func commands(_ kind: CardKind, _ interruption: Interruption, otherThan key: String) -> [String] {
        let signs = key == "AUT"
        return switch (kind, interruption) {
        case (.cps4, _): ["01A40800020001", "012281B604910215\(signs ? "90" : "A0")", "012241B803830120"]
        case (_, .otherHash): ["00A4090C043F000001", "002241AA03800110", "002A90A00790008003616263"]
        case _ where signs: ["00A4090C043F000001", "002241B606800112840181"]
        default: ["00A4090C043F000001", "002241A406800102840182", "002241B80680011A840182"]
        }
    }

    @Test(
        "never makes us sign with another key, another hash, or twice",
        arguments: CardKind.contacts.flatMap { kind in
            ["AUT", "SIG"].flatMap { key in Interruption.allCases(on: kind).map { (kind, key, $0) } }
        })
    func signatures(kind: CardKind, name: String, interruption: Interruption) throws {
        let reader = try TestReader(kind)
        let program = TestProvider(reader)
        let programSession = try program.logIn()
        let otherKey = try program.privateKey(programSession, name == "AUT" ? "SIG" : "AUT")
        let otherProgram = try reader.otherProgram()
        let raw = Self.commands(kind, interruption, otherThan: name)
        var answers: [String] = []
        let crowd = CrowdedReaders(reader.readers) {
            if interruption == .otherSignature {
                answers = [
                    (try? program.signature(programSession, .sha1, otherKey, [1, 2, 3])) == nil
                        ? "no signature" : "9000"
                ]
            } else {
                answers = raw.flatMap { (try? otherProgram.send($0)) ?? ["no answer"] }
            }
        }
        let test = TestProvider(reader, through: crowd)
        let session = try test.logIn()
        let key = try test.privateKey(session, name)
        let publicKey = try test.publicKey(session, of: key)
        var made = 0
        let allowed = try test.mechanisms(session, of: key)
        for (mechanism, data) in Self.mechanisms(of: kind) where allowed.contains(mechanism.type) {
            let before = crowd.interruptions
            let whole = try test.signature(session, mechanism, key, data)
            try test.provider.signInit(session, mechanism, key: key)
            for start in stride(from: 0, to: data.count, by: 25) {
                try test.signUpdate(session, Array(data[start..<min(start + 25, data.count)]))
            }
            let inPieces = try test.provider.signFinal(session, .bytes(capacity: 256)).bytes
            for signature in [whole, inPieces] {
                try test.provider.verifyInit(session, mechanism, key: publicKey)
                try test.verify(session, data, signature)
            }
            made += 2
            #expect(crowd.interruptions >= before + 4 && answers.allSatisfy { $0 == "9000" }, "\(answers)")
        }
        // What a wrong signature would have led to as well: one made once more.
        let uses = crowd.commands.count(where: Self.usesKey)
        #expect(made >= 4 && uses == made)
        #expect(reader.card.state.pinTriesLeft == 3)
    }

    @Test("comes in between many random bytes", arguments: CardKind.contacts)
    func randomBytes(kind: CardKind) throws {
        let reader = try TestReader(kind)
        let otherProgram = try reader.otherProgram()
        let crowd = CrowdedReaders(reader.readers) { _ = try? otherProgram.send("00A4000C023F00") }
        let test = TestProvider(reader, through: crowd)
        let session = try test.open()
        let before = crowd.interruptions
        #expect(try test.provider.generateRandom(session, count: 1000).count == 1000)
        // Before and after each part.
        #expect(crowd.interruptions >= before + 8)
    }

    /// INTERNAL AUTHENTICATE, COMPUTE DIGITAL SIGNATURE, or the last block to DECIPHER.
    private static func usesKey(_ command: String) -> Bool {
        let (cla, rest) = (command.prefix(2), command.dropFirst(2))
        return rest.hasPrefix("88") || rest.hasPrefix("2A9E9A") || rest.hasPrefix("2A8086") && cla == "01"
    }
}
