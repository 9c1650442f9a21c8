// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import HostCryptography
import SmartCardBytes
import VirtualCPS
import VirtualCPSTestSupport

@testable import Cryptoki

/// What programs do with a card, from the first look to the last close, each of it
/// judged by what came out of it.
enum FaultScenario: String, CaseIterable, Sendable {
    case list, logIn, authenticate, signHash, signMessage, signPSS, decrypt, changePIN, unblock, write

    static func scenarios(of kind: CardKind) -> [FaultScenario] {
        allCases.filter { $0 != .signPSS || kind == .cps4 }
    }

    static let oldPIN = "1234"
    static let newPIN = "5678"
    static let puk = "12345678"

    /// The state that a card must be in before.
    func prepare(_ state: inout CardState) {
        if self == .unblock { state.pinTriesLeft = 0 }
    }

    /// How often an attempt may present a code.
    var presentations: Int {
        switch self {
        case .list: 0
        default: 1
        }
    }
}

/// One attempt at a scenario: the functions that were called, and what became of them.
struct FaultAttempt {
    /// What a program got to see, under names.
    typealias Sight = [String: [UInt8]]

    /// Why an attempt did not get to its end.
    struct Failure: Error {
        var function: String
        var code: CK_RV
    }

    private let test: TestProvider
    private var card: VirtualCard { test.reader.card }

    init(_ test: TestProvider) { self.test = test }

    func run(_ scenario: FaultScenario) throws(Failure) -> Sight {
        // Programs clean up, whatever happened.
        defer { try? test.provider.closeAllSessions(0) }
        switch scenario {
        case .list: return try list()
        case .logIn: return try logInAndList()
        case .authenticate: return try sign("AUT", .rsa, Self.info)
        case .signHash: return try sign("SIG", .rsa, Self.info)
        case .signMessage: return try sign("SIG", .sha256, Self.message)
        case .signPSS: return try signPSS()
        case .decrypt: return try decrypt()
        case .changePIN: return try changePIN()
        case .unblock: return try unblock()
        case .write: return try write()
        }
    }

    // MARK: Calls

    private func call<Value>(_ function: String, _ body: () throws -> Value) throws(Failure) -> Value {
        do {
            return try body()
        } catch {
            throw Failure(function: function, code: (error as? CryptokiError)?.code ?? CKR_GENERAL_ERROR)
        }
    }

    private func open(readWrite: Bool = false) throws(Failure) -> CK_SESSION_HANDLE {
        _ = try call("C_GetSlotInfo") { try test.provider.slotInfo(0) }
        return try call("C_OpenSession") { try test.provider.openSession(0, readWrite: readWrite) }
    }

    private func logIn(readWrite: Bool = false) throws(Failure) -> CK_SESSION_HANDLE {
        let session = try open(readWrite: readWrite)
        let pin = card.state.pin
        try call("C_Login") { try test.provider.logIn(session, as: .user, pin: secret(pin)) }
        return session
    }

    private func find(
        _ session: CK_SESSION_HANDLE, _ template: [(CK_ATTRIBUTE_TYPE, [UInt8])] = []
    ) throws(Failure) -> [CK_OBJECT_HANDLE] {
        try call("C_FindObjects") { try test.find(session, template) }
    }

    private func find(
        _ session: CK_SESSION_HANDLE, class objectClass: CK_OBJECT_CLASS, label: String
    ) throws(Failure) -> CK_OBJECT_HANDLE {
        let found = try find(
            session, [(CKA_CLASS, AttributeValue.number(objectClass)), (CKA_LABEL, Array(label.utf8))])
        // A program that finds nothing believes that there is nothing.
        guard let first = found.first else { throw Failure(function: "C_FindObjects", code: CKR_OK) }
        return first
    }

    // MARK: Scenarios

    private static let attributes: [CK_ATTRIBUTE_TYPE] = [
        CKA_CLASS, CKA_LABEL, CKA_PRIVATE, CKA_MODIFIABLE, CKA_ID, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER,
        CKA_VALUE, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_MODULUS_BITS, CKA_SIGN, CKA_DECRYPT, CKA_VERIFY, CKA_ENCRYPT,
        CKA_START_DATE, CKA_END_DATE, CKA_ALLOWED_MECHANISMS, CKA_APPLICATION, CKA_PROFILE_ID,
    ]

    private func list() throws(Failure) -> Sight {
        let token = try call("C_GetTokenInfo") { try test.provider.tokenInfo(0) }
        var sight = try objects(open())
        sight[Self.token] = Array("\(token.label) \(token.manufacturer) \(token.serialNumber) \(token.flags)".utf8)
        return sight
    }

    private func logInAndList() throws(Failure) -> Sight { try objects(logIn()) }

    private func objects(_ session: CK_SESSION_HANDLE) throws(Failure) -> Sight {
        var sight: Sight = [:]
        for object in try find(session) {
            let name = try call("C_GetAttributeValue") { try test.value(session, object, CKA_UNIQUE_ID) }
            for type in Self.attributes {
                do throws(Failure) {
                    sight[String(decoding: name, as: UTF8.self) + " \(type)"] =
                        try call("C_GetAttributeValue") { try test.value(session, object, type) }
                } catch {
                    guard error.code == CKR_ATTRIBUTE_TYPE_INVALID || error.code == CKR_ATTRIBUTE_SENSITIVE else {
                        throw error
                    }
                }
            }
        }
        return sight
    }

    /// Longer than one block of the hash: the first one is hashed by the library.
    private static let message = [UInt8](repeating: 0x61, count: 100)
    private static let digest = HashContext.digest(of: message, with: .sha256)
    private static let info = DigestInfo.encode(algorithm: .sha256, digest: digest) ?? []

    private func publicKey(_ name: String) -> RSAPublicKey? {
        let keys = test.reader.credentials.keys
        return keys.first { $0.key.rawValue == (name == "AUT" ? "authentication" : "signature") }?.value.publicKey
    }

    /// Signs; a wrong signature is an entry that no good attempt has.
    private func sign(_ name: String, _ mechanism: Mechanism, _ data: [UInt8]) throws(Failure) -> Sight {
        let session = try logIn()
        let key = try find(session, class: CKO_PRIVATE_KEY, label: "CPS_PRIV_\(name)")
        let signature = try call("C_Sign") { try test.signature(session, mechanism, key, data) }
        let isRight =
            mechanism.type == CKM_SHA256_RSA_PKCS_PSS
            ? publicKey(name)?.isValidPSSSignature(
                signature, digest: Self.digest, algorithm: .sha256, maskAlgorithm: .sha256, saltLength: 32) ?? false
            : publicKey(name)?.isValidSignature(signature, ofPKCS1: Self.info) ?? false
        return [isRight ? "signature by \(name)" : FaultAttempt.wrongSignature: []]
    }

    static let wrongSignature = "a wrong signature"
    static let token = "token"
    static let decryptedMessage = "decrypted message"

    private func signPSS() throws(Failure) -> Sight {
        try sign("AUT", .pss(CKM_SHA256_RSA_PKCS_PSS, .sha256), Self.message)
    }

    private func decrypt() throws(Failure) -> Sight {
        let session = try logIn()
        let key = try find(session, class: CKO_PRIVATE_KEY, label: "CPS_PRIV_AUT")
        let cryptogram = publicKey("AUT")?.encryptPKCS1(Self.digest) ?? []
        try call("C_DecryptInit") { try test.provider.decryptInit(session, .rsa, key: key) }
        let message = try call("C_Decrypt") {
            try test.provider.decrypt(session, data: cryptogram, .bytes(capacity: 256)).bytes
        }
        return [Self.decryptedMessage: message]
    }

    private func changePIN() throws(Failure) -> Sight {
        let session = try open(readWrite: true)
        let old = card.state.pin
        let new = old == FaultScenario.oldPIN ? FaultScenario.newPIN : FaultScenario.oldPIN
        try call("C_SetPIN") { try test.provider.setPIN(session, old: secret(old), new: secret(new)) }
        return ["is changed": [card.state.pin == new ? 1 : 0]]
    }

    private func unblock() throws(Failure) -> Sight {
        let session = try open(readWrite: true)
        try call("C_Login") {
            try test.provider.logIn(session, as: .securityOfficer, pin: secret(FaultScenario.puk))
        }
        try call("C_InitPIN") { try test.provider.initializePIN(session, new: secret(FaultScenario.newPIN)) }
        return ["PIN": Array("\(card.state.pin) \(card.state.pinTriesLeft)".utf8)]
    }

    /// Longer than one UPDATE BINARY.
    private static let value = [UInt8](repeating: 0x42, count: 256)

    private func write() throws(Failure) -> Sight {
        let session = try logIn(readWrite: true)
        let object = try find(session, class: CKO_DATA, label: "CPS_DATA")
        try call("C_SetAttributeValue") {
            try test.provider.setAttributes(session, object, [Attribute(type: CKA_VALUE, value: Self.value)])
        }
        return ["value": hex(card.state.cpsData)]
    }
}
