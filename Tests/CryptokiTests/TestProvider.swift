// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import Cryptoki

/// A provider over one reader with one card, and short ways to use it.
struct TestProvider {
    let reader: TestReader
    let provider: Provider

    /// - Parameter through: stands before the reader; nil for the reader itself.
    init(
        _ reader: TestReader, _ configuration: Configuration = Configuration(),
        through readers: (any ReaderService)? = nil, register: (any LoginRegistering)? = nil
    ) {
        self.reader = reader
        provider = Provider(readers: readers ?? reader.readers, configuration: configuration, register: register)
    }

    init(_ kind: CardKind = .cps3) throws { self.init(try TestReader(kind)) }

    // MARK: Sessions

    func open(readWrite: Bool = false) throws -> CK_SESSION_HANDLE { try provider.openSession(0, readWrite: readWrite) }

    /// A session in which the user is logged in.
    func logIn(readWrite: Bool = false, pin: String = "1234") throws -> CK_SESSION_HANDLE {
        let session = try open(readWrite: readWrite)
        try provider.logIn(session, as: .user, pin: secret(pin))
        return session
    }

    func state(_ session: CK_SESSION_HANDLE) throws -> CK_STATE { try provider.sessionInfo(session).state }

    func tokenFlags() throws -> CK_FLAGS { try provider.tokenInfo(0).flags }

    /// Has the library look into the readers, as any caller does all the time.
    func look() throws { _ = try provider.slotInfo(0) }

    // MARK: Objects

    func find(_ session: CK_SESSION_HANDLE, _ template: [(CK_ATTRIBUTE_TYPE, [UInt8])] = []) throws
        -> [CK_OBJECT_HANDLE]
    {
        try provider.findObjectsInit(session, template.map { Attribute(type: $0.0, value: $0.1) })
        let found = try provider.findObjects(session, count: 1000)
        try provider.findObjectsFinal(session)
        return found
    }

    func find(_ session: CK_SESSION_HANDLE, class objectClass: CK_OBJECT_CLASS, label: String) throws
        -> CK_OBJECT_HANDLE
    {
        let found = try find(
            session, [(CKA_CLASS, AttributeValue.number(objectClass)), (CKA_LABEL, Array(label.utf8))])
        #expect(found.count == 1, "\(label)")
        return try #require(found.first)
    }

    func privateKey(_ session: CK_SESSION_HANDLE, _ name: String) throws -> CK_OBJECT_HANDLE {
        try find(session, class: CKO_PRIVATE_KEY, label: "CPS_PRIV_\(name)")
    }

    /// The public key that belongs to a private one.
    func publicKey(_ session: CK_SESSION_HANDLE, of key: CK_OBJECT_HANDLE) throws -> CK_OBJECT_HANDLE {
        let identifier = try value(session, key, CKA_ID)
        return try #require(
            try find(session, [(CKA_CLASS, AttributeValue.number(CKO_PUBLIC_KEY)), (CKA_ID, identifier)]).first)
    }

    /// The token's mechanisms that a key is allowed to be used with.
    func mechanisms(_ session: CK_SESSION_HANDLE, of key: CK_OBJECT_HANDLE) throws -> [CK_MECHANISM_TYPE] {
        let allowed = try value(session, key, CKA_ALLOWED_MECHANISMS)
        let size = MemoryLayout<CK_MECHANISM_TYPE>.size
        let types = stride(from: 0, to: allowed.count, by: size).map {
            Array(allowed[$0..<min($0 + size, allowed.count)])
        }
        return try provider.mechanisms(0).filter { types.contains(AttributeValue.number($0)) }
    }

    func data(_ session: CK_SESSION_HANDLE, _ label: String) throws -> CK_OBJECT_HANDLE {
        try find(session, class: CKO_DATA, label: label)
    }

    func value(_ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ type: CK_ATTRIBUTE_TYPE) throws -> [UInt8] {
        try provider.object(session, object).value(of: type)
    }

    func label(_ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE) throws -> String {
        String(decoding: try value(session, object, CKA_LABEL), as: UTF8.self)
    }

    /// The numbers of a key of the card.
    func numbers(_ session: CK_SESSION_HANDLE, _ key: CK_OBJECT_HANDLE) throws -> RSAPublicKey {
        try RSAPublicKey(
            modulus: value(session, key, CKA_MODULUS), publicExponent: value(session, key, CKA_PUBLIC_EXPONENT))
    }

    // MARK: Operations, with data that may be missing

    func sign(_ session: CK_SESSION_HANDLE, _ data: [UInt8]?, _ request: OutputRequest = .bytes(capacity: 256)) throws
        -> OutputResult
    {
        guard let data else { return try provider.sign(session, data: nil, request) }
        return try provider.sign(session, data: data.span, request)
    }

    func signUpdate(_ session: CK_SESSION_HANDLE, _ data: [UInt8]?) throws {
        guard let data else { return try provider.signUpdate(session, data: nil) }
        try provider.signUpdate(session, data: data.span)
    }

    func verify(_ session: CK_SESSION_HANDLE, _ data: [UInt8]?, _ signature: [UInt8]?) throws {
        guard let data else { return try provider.verify(session, data: nil, signature: signature) }
        try provider.verify(session, data: data.span, signature: signature)
    }

    func verifyUpdate(_ session: CK_SESSION_HANDLE, _ data: [UInt8]?) throws {
        guard let data else { return try provider.verifyUpdate(session, data: nil) }
        try provider.verifyUpdate(session, data: data.span)
    }

    func digest(_ session: CK_SESSION_HANDLE, _ data: [UInt8]?, _ request: OutputRequest = .bytes(capacity: 64)) throws
        -> OutputResult
    {
        guard let data else { return try provider.digest(session, data: nil, request) }
        return try provider.digest(session, data: data.span, request)
    }

    func digestUpdate(_ session: CK_SESSION_HANDLE, _ data: [UInt8]?) throws {
        guard let data else { return try provider.digestUpdate(session, data: nil) }
        try provider.digestUpdate(session, data: data.span)
    }

    func encryptUpdate(_ session: CK_SESSION_HANDLE, _ data: [UInt8]?) throws {
        let request = OutputRequest.bytes(capacity: 0)
        guard let data else {
            _ = try provider.encryptUpdate(session, data: nil, request)
            return
        }
        _ = try provider.encryptUpdate(session, data: data.span, request)
    }

    func decryptUpdate(_ session: CK_SESSION_HANDLE, _ data: [UInt8]?) throws {
        let request = OutputRequest.bytes(capacity: 0)
        guard let data else {
            _ = try provider.decryptUpdate(session, data: nil, request)
            return
        }
        _ = try provider.decryptUpdate(session, data: data.span, request)
    }

    /// A whole signature.
    func signature(
        _ session: CK_SESSION_HANDLE, _ mechanism: Mechanism, _ key: CK_OBJECT_HANDLE, _ data: [UInt8]
    ) throws -> [UInt8] {
        try provider.signInit(session, mechanism, key: key)
        return try sign(session, data).bytes
    }
}

extension OutputResult {
    /// The bytes of an answer that must be bytes.
    var bytes: [UInt8] {
        get throws {
            guard case .bytes(let bytes) = self else { throw CryptokiError.functionFailed }
            return bytes
        }
    }
}

extension Mechanism {
    static let rsa = Mechanism(type: CKM_RSA_PKCS)
    static let sha1 = Mechanism(type: CKM_SHA1_RSA_PKCS)
    static let sha256 = Mechanism(type: CKM_SHA256_RSA_PKCS)

    /// CK_RSA_PKCS_PSS_PARAMS of a hash, with a salt as long as the hash unless told.
    static func pss(_ type: CK_MECHANISM_TYPE, _ hash: HashAlgorithm, mask: HashAlgorithm? = nil, salt: Int? = nil)
        -> Mechanism
    {
        Mechanism(
            type: type,
            parameter: AttributeValue.numbers([
                hash.digestMechanism, (mask ?? hash).maskGenerationFunction, CK_ULONG(salt ?? hash.digestLength),
            ]))
    }
}
