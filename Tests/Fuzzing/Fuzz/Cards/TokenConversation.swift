// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import HostCryptography
import SmartCardBytes

@testable import Cryptoki

/// All that a program does with a card: lists, logs in, signs, decrypts, writes,
/// changes codes. What fails does not keep the rest from being tried.
struct TokenConversation {
    private let provider: Provider

    init(with provider: Provider) { self.provider = provider }

    func run() {
        defer { provider.finalize() }
        guard let slot = try? provider.slotList(tokenPresent: true, capacity: 4).first else { return }
        _ = try? provider.slotInfo(slot)
        _ = try? provider.tokenInfo(slot)
        _ = try? provider.mechanisms(slot)
        guard let session = try? provider.openSession(slot, readWrite: true) else { return }
        for object in find(session) { readAttributes(of: object, session) }
        try? provider.logIn(session, as: .user, pin: secret("1234"))
        for object in find(session) {
            readAttributes(of: object, session)
            use(object, session)
        }
        decryptAll(session)
        _ = try? provider.generateRandom(session, count: 16)
        try? provider.setPIN(session, old: secret("1234"), new: secret("4321"))
        try? provider.logOut(session)
        try? provider.logIn(session, as: .securityOfficer, pin: secret("12345678"))
        try? provider.initializePIN(session, new: secret("1234"))
        _ = try? provider.tokenInfo(slot)
        try? provider.closeSession(session)
    }

    private func secret(_ digits: String) -> SecretBytes { SecretBytes(Array(digits.utf8)) }

    private func find(_ session: CK_SESSION_HANDLE) -> [CK_OBJECT_HANDLE] {
        try? provider.findObjectsInit(session, [])
        defer { try? provider.findObjectsFinal(session) }
        return (try? provider.findObjects(session, count: 100)) ?? []
    }

    private static let attributes = [
        CKA_CLASS, CKA_LABEL, CKA_ID, CKA_UNIQUE_ID, CKA_VALUE, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_MODULUS,
        CKA_MODULUS_BITS, CKA_PUBLIC_EXPONENT, CKA_PUBLIC_KEY_INFO, CKA_START_DATE, CKA_END_DATE, CKA_CHECK_VALUE,
        CKA_ALLOWED_MECHANISMS, CKA_APPLICATION, CKA_OBJECT_ID, CKA_PRIVATE_EXPONENT,
    ]

    private func readAttributes(of object: CK_OBJECT_HANDLE, _ session: CK_SESSION_HANDLE) {
        for type in TokenConversation.attributes { _ = try? provider.object(session, object).value(of: type) }
        _ = try? provider.object(session, object).size()
    }

    private static let mechanisms = [
        Mechanism(type: CKM_RSA_PKCS), Mechanism(type: CKM_SHA1_RSA_PKCS), Mechanism(type: CKM_SHA256_RSA_PKCS),
        Mechanism(
            type: CKM_SHA256_RSA_PKCS_PSS,
            parameter: AttributeValue.numbers([CKM_SHA256, HashAlgorithm.sha256.maskGenerationFunction, 32])),
    ]

    private func use(_ object: CK_OBJECT_HANDLE, _ session: CK_SESSION_HANDLE) {
        let message = [UInt8](repeating: 6, count: 32)
        for mechanism in TokenConversation.mechanisms {
            try? sign(message, mechanism, object, session)
            try? provider.verifyInit(session, mechanism, key: object)
            try? provider.verify(session, data: message.span, signature: [UInt8](repeating: 6, count: 256))
        }
        try? provider.setAttributes(session, object, [Attribute(type: CKA_VALUE, value: message)])
    }

    /// What each public key encrypts, and what is no cryptogram.
    private func decryptAll(_ session: CK_SESSION_HANDLE) {
        let mechanism = Mechanism(type: CKM_RSA_PKCS)
        var cryptograms = [[UInt8](repeating: 6, count: 256)]
        for object in find(session) {
            try? provider.encryptInit(session, mechanism, key: object)
            if case .bytes(let bytes)? = try? provider.encrypt(session, data: [1, 2, 3], .bytes(capacity: 512)) {
                cryptograms.append(bytes)
            }
        }
        for object in find(session) {
            for cryptogram in cryptograms {
                try? provider.decryptInit(session, mechanism, key: object)
                _ = try? provider.decrypt(session, data: cryptogram, .bytes(capacity: 512))
            }
        }
    }

    private func sign(
        _ message: [UInt8], _ mechanism: Mechanism, _ object: CK_OBJECT_HANDLE, _ session: CK_SESSION_HANDLE
    ) throws {
        try provider.signInit(session, mechanism, key: object)
        let output = try provider.sign(session, data: message.span, .bytes(capacity: 512))
        guard case .bytes(let signature) = output, mechanism.type == CKM_SHA256_RSA_PKCS,
            let key = try? publicKey(of: object, session),
            let info = DigestInfo.encode(algorithm: .sha256, digest: HashContext.digest(of: message, with: .sha256))
        else { return }
        expect(key.isValidSignature(signature, ofPKCS1: info), "no wrong signature is given out")
    }

    private func publicKey(of object: CK_OBJECT_HANDLE, _ session: CK_SESSION_HANDLE) throws -> RSAPublicKey {
        let view = try provider.object(session, object)
        return try RSAPublicKey(
            modulus: view.value(of: CKA_MODULUS), publicExponent: view.value(of: CKA_PUBLIC_EXPONENT))
    }
}
