// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import PKIX

/// The verdict on a signer, by the integrity of the signature, the chain, and the times.
@Suite struct JudgeTests {
    private static let hour = 3600

    private static func judgement(
        of integrity: Signer.Integrity = .intact, signedAfter claimed: Int? = 24 * hour,
        judgedAfter judged: Int = 48 * hour, by authorities: [Certificate]? = nil, requiresRevocation: Bool = false
    ) throws -> Judgement {
        let hierarchy = try TestHierarchy.shared
        let begin = hierarchy.person.notBefore.secondsSince1970
        let signer = Signer(
            integrity: integrity, certificate: integrity == .certificateMissing ? nil : hierarchy.person,
            time: claimed.map { UniversalTime(secondsSince1970: begin + $0) }, namesCertificate: true, hash: "SHA256")
        return Judge(
            Authorities(authorities ?? [hierarchy.root, hierarchy.intermediate]), requiresRevocation: requiresRevocation
        ).judge(signer, with: [], at: UniversalTime(secondsSince1970: begin + judged))
    }

    /// The hierarchy's certificates are for a year.
    private static let end = 365 * 24 * hour

    @Test("a known authority, in time")
    func valid() throws {
        let judgement = try Self.judgement()
        #expect(judgement.verdict == .valid && judgement.reason == .trusted && judgement.revocation == .notChecked)
        #expect(judgement.chain?.certificates.count == 3)
        // A signature that gives no time.
        #expect(try Self.judgement(signedAfter: nil).verdict == .valid)
    }

    @Test("what is missing is told, and is no reason to call a signature wrong")
    func notEstablished() throws {
        let hierarchy = try TestHierarchy.shared
        let found = { (judgement: Judgement) in
            #expect(judgement.verdict == .notEstablished)
            return judgement.reason
        }
        #expect(try found(Self.judgement(by: [])) == .unknownAuthority)
        #expect(try found(Self.judgement(of: .certificateMissing)) == .certificateMissing)
        #expect(try found(Self.judgement(requiresRevocation: true)) == .revocationUnknown)
        let late = Self.end + Self.hour
        guard case .expiredSince = try found(Self.judgement(judgedAfter: late)),
            case .expired = try found(Self.judgement(signedAfter: late, judgedAfter: late)),
            case .expired = try found(Self.judgement(signedAfter: nil, judgedAfter: late)),
            case .notYetValid = try found(Self.judgement(judgedAfter: -Self.hour))
        else {
            Issue.record("another reason")
            return
        }
        // Before the certificate, and in a future in which it has ended.
        #expect(try found(Self.judgement(signedAfter: -Self.hour)) == .notValidThen)
        #expect(try found(Self.judgement(signedAfter: late)) == .notValidThen)
        // What would be valid is asked for a revocation, nothing else.
        #expect(try found(Self.judgement(by: [hierarchy.person], requiresRevocation: true)) == .revocationUnknown)
    }

    @Test("what cannot be verified is not established, whoever vouches for the signer")
    func unverified() throws {
        for (integrity, reason) in [
            (.certificateMissing, .certificateMissing), (.unknownAlgorithm, .unknownAlgorithm),
        ] as [(Signer.Integrity, Judgement.Reason)] {
            let judgement = try Self.judgement(of: integrity)
            #expect(judgement.verdict == .notEstablished && judgement.reason == reason)
        }
    }

    @Test("a wrong signature is not valid, whoever vouches for the signer")
    func notValid() throws {
        let wrong: [Signer.Integrity] = [.otherDocument, .wrongSignature, .weakHash, .otherCertificate, .wrongKeyUsage]
        for integrity in wrong {
            let judgement = try Self.judgement(of: integrity)
            #expect(judgement.verdict == .notValid && judgement.reason == .wrong(integrity))
            #expect(try Self.judgement(of: integrity, by: []).verdict == .notValid)
        }
    }

    @Test("the worst verdict of several is the least")
    func order() {
        #expect([Judgement.Verdict.valid, .notValid, .notEstablished].min() == .notValid)
        #expect([Judgement.Verdict.valid, .notEstablished].min() == .notEstablished)
    }
}
