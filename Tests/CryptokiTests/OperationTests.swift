// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import HostCryptography
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import Cryptoki

/// What begins, keeps and ends an operation (cards.md §7.7).
@Suite struct OperationTests {
    private static let message = Array("document_to_sign".utf8)

    // MARK: Signing

    @Test("each mechanism of each key signs what its public key verifies", arguments: CardKind.allCases)
    func signatures(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = kind == .contactless ? try test.open() : try test.logIn()
        for key in try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_PRIVATE_KEY))]) {
            let publicKey = try test.publicKey(session, of: key)
            for type in try test.mechanisms(session, of: key) {
                var mechanism = Mechanism(type: type)
                if [CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS].contains(type) { mechanism = .pss(type, .sha256) }
                if type == CKM_SHA1_RSA_PKCS_PSS { mechanism = .pss(type, .sha1) }
                let isRaw = type == CKM_RSA_PKCS || type == CKM_RSA_PKCS_PSS
                let digest = HashContext.digest(of: Self.message, with: .sha256)
                let info = try #require(DigestInfo.encode(algorithm: .sha256, digest: digest))
                let data = !isRaw ? Self.message : type == CKM_RSA_PKCS ? info : digest
                let signature = try test.signature(session, mechanism, key, data)
                try test.provider.verifyInit(session, mechanism, key: publicKey)
                try test.verify(session, data, signature)
                // In pieces it is the same signature, or for PSS another good one.
                try test.provider.signInit(session, mechanism, key: key)
                for start in stride(from: 0, to: data.count, by: 7) {
                    try test.signUpdate(session, Array(data[start..<min(start + 7, data.count)]))
                }
                let second = try test.provider.signFinal(session, .bytes(capacity: 256)).bytes
                try test.provider.verifyInit(session, mechanism, key: publicKey)
                try test.verifyUpdate(session, Array(data.prefix(5)))
                try test.verifyUpdate(session, Array(data.dropFirst(5)))
                try test.provider.verifyFinal(session, signature: second)
            }
        }
        #expect(test.reader.presentations.count == (kind == .contactless ? 0 : 1))
    }

    @Test("an empty message is signed right with every key", arguments: CardKind.contacts)
    func emptyMessage(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        for name in ["SIG", "AUT"] {
            let key = try test.privateKey(session, name)
            let signature = try test.signature(session, .sha256, key, [])
            let info = try #require(
                DigestInfo.encode(algorithm: .sha256, digest: HashContext.digest(of: [UInt8](), with: .sha256)))
            #expect(try test.numbers(session, key).isValidSignature(signature, ofPKCS1: info))
            try test.provider.signInit(session, .sha1, key: key)
            #expect(try test.provider.signFinal(session, .bytes(capacity: 256)).bytes.count == 256)
        }
    }

    @Test("the checks of C_SignInit, in their order, send nothing", arguments: CardKind.contacts)
    func signInit(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let (signature, authentication) = (try test.privateKey(session, "SIG"), try test.privateKey(session, "AUT"))
        let publicKey = try test.publicKey(session, of: signature)
        let certificate = try test.find(session, class: CKO_CERTIFICATE, label: "Certificat de Signature CPS")
        let provider = test.provider
        let sent = test.reader.sent {
            #expect(throws: CryptokiError.sessionHandleInvalid) { try provider.signInit(99, .rsa, key: signature) }
            #expect(throws: CryptokiError.keyHandleInvalid) { try provider.signInit(session, .rsa, key: 999) }
            for key in [publicKey, certificate] {
                #expect(throws: CryptokiError.keyTypeInconsistent) { try provider.signInit(session, .rsa, key: key) }
            }
            for type in [CKM_RSA_X_509, CKM_SHA256, CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_ECDSA, CK_MECHANISM_TYPE.max] {
                #expect(throws: CryptokiError.mechanismInvalid) {
                    try provider.signInit(session, Mechanism(type: type), key: authentication)
                }
            }
            #expect(throws: CryptokiError.keyTypeInconsistent) {
                try provider.signInit(session, Mechanism(type: CKM_SHA512_RSA_PKCS), key: signature)
            }
        }
        #expect(sent.isEmpty)
        try provider.signInit(session, .rsa, key: authentication)
        #expect(throws: CryptokiError.operationActive) { try provider.signInit(session, .rsa, key: authentication) }
        // The operation of before is still there.
        #expect(try test.sign(session, [1]).bytes.count == 256)
        try provider.logOut(session)
        #expect(throws: CryptokiError.userNotLoggedIn) {
            try provider.signInit(session, Mechanism(type: 0x9999), key: signature)
        }
    }

    @Test(
        "PSS parameters must be there, fit together, and ask for what the card does",
        arguments: [
            Mechanism(type: CKM_RSA_PKCS_PSS), Mechanism(type: CKM_SHA256_RSA_PKCS_PSS, parameter: [1, 2, 3]),
            .pss(CKM_SHA256_RSA_PKCS_PSS, .sha1),
            Mechanism(type: CKM_RSA_PKCS_PSS, parameter: [UInt8](repeating: 0xFF, count: 24)),
        ])
    func pssParameters(mechanism: Mechanism) throws {
        let cps4 = try TestProvider(.cps4)
        let session = try cps4.logIn()
        let key = try cps4.privateKey(session, "SIG")
        #expect(throws: CryptokiError.mechanismParameterInvalid) {
            try cps4.provider.signInit(session, mechanism, key: key)
        }
        let publicKey = try cps4.publicKey(session, of: key)
        #expect(throws: CryptokiError.mechanismParameterInvalid) {
            try cps4.provider.verifyInit(session, mechanism, key: publicKey)
        }
        let cps3 = try TestProvider(.cps3)
        let other = try cps3.logIn()
        #expect(throws: CryptokiError.mechanismInvalid) {
            try cps3.provider.signInit(other, mechanism, key: cps3.privateKey(other, "SIG"))
        }
    }

    @Test(
        "PSS with another salt or mask than the card's is verified here, and not signed",
        arguments: [
            .pss(CKM_SHA256_RSA_PKCS_PSS, .sha256, salt: 20), .pss(CKM_SHA256_RSA_PKCS_PSS, .sha256, salt: 0),
            .pss(CKM_SHA256_RSA_PKCS_PSS, .sha256, mask: .sha1),
        ] as [Mechanism])
    func otherPSS(mechanism: Mechanism) throws {
        let test = try TestProvider(.cps4)
        let session = try test.logIn()
        let key = try test.privateKey(session, "SIG")
        #expect(throws: CryptokiError.mechanismParameterInvalid) {
            try test.provider.signInit(session, mechanism, key: key)
        }
        let signature = try test.signature(session, .pss(CKM_SHA256_RSA_PKCS_PSS, .sha256), key, Self.message)
        try test.provider.verifyInit(session, mechanism, key: test.publicKey(session, of: key))
        #expect(throws: CryptokiError.signatureInvalid) { try test.verify(session, Self.message, signature) }
    }

    @Test("PSS with a hash that no card has is no mechanism of the key")
    func pssHash() throws {
        let test = try TestProvider(.cps4)
        let session = try test.logIn()
        let error = #expect(throws: CryptokiError.self) {
            try test.provider.signInit(session, .pss(CKM_RSA_PKCS_PSS, .sha512), key: test.privateKey(session, "AUT"))
        }
        #expect(error == .keyTypeInconsistent || error == .mechanismParameterInvalid)
    }

    @Test(
        "a request for the length and a small buffer keep a signature; anything else ends it",
        arguments: CardKind.contacts)
    func signLifeCycle(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        #expect(throws: CryptokiError.operationNotInitialized) { try test.sign(session, [1]) }
        #expect(throws: CryptokiError.operationNotInitialized) { try test.signUpdate(session, [1]) }
        #expect(throws: CryptokiError.operationNotInitialized) { try test.provider.signFinal(session, .length) }
        try test.provider.signInit(session, .sha256, key: key)
        let sent = try test.reader.sent { () throws in
            #expect(try test.sign(session, Self.message, .length) == .length(256))
            #expect(try test.sign(session, nil, .length) == .length(256))
            #expect(throws: CryptokiError.bufferTooSmall(needed: 256)) {
                try test.sign(session, Self.message, .bytes(capacity: 255))
            }
        }
        #expect(sent.isEmpty)
        let signature = try test.sign(session, Self.message).bytes
        try test.provider.verifyInit(session, .sha256, key: test.publicKey(session, of: key))
        try test.verify(session, Self.message, signature)
        #expect(throws: CryptokiError.operationNotInitialized) { try test.sign(session, Self.message) }

        try test.provider.signInit(session, .sha256, key: key)
        try test.signUpdate(session, Self.message)
        #expect(try test.provider.signFinal(session, .length) == .length(256))
        #expect(throws: CryptokiError.bufferTooSmall(needed: 256)) {
            try test.provider.signFinal(session, .bytes(capacity: 1))
        }
        #expect(try test.provider.signFinal(session, .bytes(capacity: 300)).bytes == signature)
        #expect(throws: CryptokiError.operationNotInitialized) { try test.provider.signFinal(session, .length) }
    }

    @Test(
        "data that a key does not take end the signature, and nothing is sent",
        arguments: [
            (CardKind.cps3, "AUT", 103, CryptokiError.dataLengthRange), (.cps4, "AUT", 246, .dataLengthRange),
            (.cps3, "AUT", 513, .dataLengthRange), (.cps3, "SIG", 33, .dataInvalid), (.cps4, "SIG", 21, .dataInvalid),
            (.cps4, "SIG", 0, .dataInvalid), (.cps3, "SIG", 513, .dataLengthRange), (.cps3, "AUT", 0, .dataInvalid),
        ])
    func wrongData(kind: CardKind, name: String, count: Int, error: CryptokiError) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, name)
        _ = try test.value(session, key, CKA_MODULUS)
        let sent = try test.reader.sent {
            try test.provider.signInit(session, .rsa, key: key)
            #expect(throws: error) { try test.sign(session, [UInt8](repeating: 1, count: count)) }
            #expect(throws: CryptokiError.operationNotInitialized) { try test.sign(session, [1]) }
        }
        #expect(sent.isEmpty)
    }

    @Test("too many pieces end the signature")
    func tooManyPieces() throws {
        let test = try TestProvider(.cps4)
        let session = try test.logIn()
        try test.provider.signInit(session, .rsa, key: test.privateKey(session, "AUT"))
        try test.signUpdate(session, [UInt8](repeating: 1, count: 512))
        #expect(throws: CryptokiError.dataLengthRange) { try test.signUpdate(session, [1]) }
        #expect(throws: CryptokiError.operationNotInitialized) { try test.signUpdate(session, [1]) }
    }

    @Test("an error of the card ends the signature", arguments: CardKind.contacts)
    func cardError(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        _ = try test.signature(session, .sha256, key, [1])
        try test.provider.signInit(session, .sha256, key: key)
        test.reader.inject(.refuse(.init(rawValue: 0x6F00)), at: 3)
        #expect(throws: CryptokiError.deviceError) { try test.sign(session, [1]) }
        #expect(throws: CryptokiError.operationNotInitialized) { try test.sign(session, [1]) }
        _ = try test.signature(session, .sha256, key, [1])
    }

    @Test("a signature goes on after an object of the old volet was read")
    func oldVolet() throws {
        let test = try TestProvider(.cps3)
        let session = try test.logIn()
        let key = try test.privateKey(session, "SIG")
        try test.provider.signInit(session, .sha256, key: key)
        try test.signUpdate(session, [1, 2, 3])
        #expect(try !test.value(session, test.data(session, "CPS2TER_ACTIVITY_07_PS"), CKA_VALUE).isEmpty)
        #expect(try !test.value(session, test.data(session, "CPS_SIT_FACT"), CKA_VALUE).isEmpty)
        #expect(try test.provider.signFinal(session, .bytes(capacity: 256)).bytes.count == 256)
        #expect(test.reader.presentations.count == 1)
    }

    // MARK: Verifying

    @Test("verification needs no login, and says what is wrong", arguments: CardKind.contacts)
    func verification(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        let publicKey = try test.publicKey(session, of: key)
        let signature = try test.signature(session, .sha256, key, Self.message)
        try test.provider.logOut(session)
        let provider = test.provider
        func begin(_ mechanism: Mechanism = .sha256) throws {
            try provider.verifyInit(session, mechanism, key: publicKey)
        }

        let sent = try test.reader.sent {
            try begin()
            #expect(throws: CryptokiError.operationActive) { try begin() }
            try test.verify(session, Self.message, signature)
            #expect(throws: CryptokiError.operationNotInitialized) { try test.verify(session, Self.message, signature) }
            for wrong in [
                signature.dropLast() + [signature[255] ^ 1], [UInt8](repeating: 0, count: 256),
                [UInt8](repeating: 0xFF, count: 256),
            ] {
                try begin()
                #expect(throws: CryptokiError.signatureInvalid) { try test.verify(session, Self.message, Array(wrong)) }
            }
            for count in [0, 255, 257] {
                try begin()
                #expect(throws: CryptokiError.signatureLengthRange) {
                    try test.verify(session, Self.message, [UInt8](repeating: 1, count: count))
                }
                #expect(throws: CryptokiError.operationNotInitialized) {
                    try test.verify(session, Self.message, signature)
                }
            }
            try begin(.sha1)
            #expect(throws: CryptokiError.signatureInvalid) { try test.verify(session, Self.message, signature) }
            try begin(.rsa)
            #expect(throws: CryptokiError.dataLengthRange) {
                try test.verify(session, [UInt8](repeating: 1, count: 513), signature)
            }
            #expect(throws: CryptokiError.operationNotInitialized) { try test.verify(session, [1], signature) }
            try begin()
            try test.verifyUpdate(session, Self.message)
            try provider.verifyFinal(session, signature: signature)
            #expect(throws: CryptokiError.operationNotInitialized) {
                try provider.verifyFinal(session, signature: signature)
            }
            #expect(throws: CryptokiError.keyHandleInvalid) { try provider.verifyInit(session, .rsa, key: 999) }
            #expect(throws: CryptokiError.mechanismInvalid) { try begin(Mechanism(type: CKM_RSA_X_509)) }
        }
        #expect(sent.isEmpty)
    }

    // MARK: What ends any operation

    /// Begins each kind of operation, and calls it in a way that no operation outlives.
    @Test(
        "one piece after parts ends an operation; missing data and no place for the length end digests only",
        arguments: ["sign", "verify", "digest", "encrypt", "decrypt"])
    func errorsEnd(kind: String) throws {
        let test = try TestProvider(.cps4)
        let session = try test.logIn()
        let provider = test.provider
        let key = try test.privateKey(session, "AUT")
        let publicKey = try test.publicKey(session, of: key)
        let signature = [UInt8](repeating: 1, count: 256)
        func begin() throws {
            switch kind {
            case "sign": try provider.signInit(session, .rsa, key: key)
            case "verify": try provider.verifyInit(session, .rsa, key: publicKey)
            case "digest": try provider.digestInit(session, Mechanism(type: CKM_SHA256))
            case "encrypt": try provider.encryptInit(session, .rsa, key: publicKey)
            default: try provider.decryptInit(session, .rsa, key: key)
            }
        }
        func whole(_ data: [UInt8]?, _ request: OutputRequest) throws {
            switch kind {
            case "sign": _ = try test.sign(session, data, request)
            case "verify": try test.verify(session, data, request == .nowhere ? nil : signature)
            case "digest": _ = try test.digest(session, data, request)
            case "encrypt": _ = try provider.encrypt(session, data: data, request)
            default: _ = try provider.decrypt(session, data: data, request)
            }
        }
        func part(_ data: [UInt8]?) throws {
            switch kind {
            case "sign": try test.signUpdate(session, data)
            case "verify": try test.verifyUpdate(session, data)
            case "digest": try test.digestUpdate(session, data)
            case "encrypt": try test.encryptUpdate(session, data)
            default: try test.decryptUpdate(session, data)
            }
        }
        func end(_ request: OutputRequest) throws {
            switch kind {
            case "sign": _ = try provider.signFinal(session, request)
            case "verify": try provider.verifyFinal(session, signature: request == .nowhere ? nil : signature)
            case "digest": _ = try provider.digestFinal(session, request)
            case "encrypt": _ = try provider.encryptFinal(session, request)
            default: _ = try provider.decryptFinal(session, request)
            }
        }
        let endings: [(CryptokiError, () throws -> Void)] = [
            (.argumentsBad, { try whole(nil, .bytes(capacity: 256)) }), (.argumentsBad, { try whole([1], .nowhere) }),
            (.argumentsBad, { try part(nil) }), (.argumentsBad, { try end(.nowhere) }),
            (
                .operationActive,
                {
                    try part([1])
                    try whole([1], .bytes(capacity: 256))
                }
            ),
        ]
        for (error, call) in endings {
            try begin()
            #expect(throws: error) { try call() }
            if kind == "digest" || error == .operationActive {
                #expect(throws: CryptokiError.operationNotInitialized) { try part([1]) }
            } else {
                try part([1])
                let all = CKF_SIGN | CKF_VERIFY | CKF_ENCRYPT | CKF_DECRYPT
                #expect(try provider.cancelOperations(session, all))
            }
        }
    }

    @Test("the end of parts after a question with the data in one piece is refused", arguments: CardKind.contacts)
    func endAfterQuestion(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let provider = test.provider
        let key = try test.privateKey(session, "AUT")
        let publicKey = try test.publicKey(session, of: key)
        let cryptogram = [UInt8](repeating: 1, count: 256)
        try provider.signInit(session, .sha256, key: key)
        #expect(try test.sign(session, Self.message, .length) == .length(256))
        #expect(throws: CryptokiError.operationActive) { try provider.signFinal(session, .bytes(capacity: 256)) }
        #expect(throws: CryptokiError.operationNotInitialized) { try provider.signFinal(session, .length) }
        try provider.encryptInit(session, .rsa, key: publicKey)
        #expect(try provider.encrypt(session, data: [1], .length) == .length(256))
        #expect(throws: CryptokiError.operationActive) { try provider.encryptFinal(session, .bytes(capacity: 256)) }
        try provider.decryptInit(session, .rsa, key: key)
        #expect(try provider.decrypt(session, data: cryptogram, .length) == .length(245))
        #expect(throws: CryptokiError.operationActive) { try provider.decryptFinal(session, .bytes(capacity: 256)) }
        // A question first, then the data in parts, is what programs do.
        try provider.signInit(session, .sha256, key: key)
        #expect(try test.sign(session, Self.message, .length) == .length(256))
        try test.signUpdate(session, Self.message)
        let signature = try provider.signFinal(session, .bytes(capacity: 256)).bytes
        try provider.verifyInit(session, .sha256, key: publicKey)
        try test.verify(session, Self.message, signature)
    }

    @Test("a question for the length takes no part")
    func questionsTakeNoPart() throws {
        let test = try TestProvider(.cps4)
        let session = try test.logIn()
        let provider = test.provider
        let key = try test.privateKey(session, "AUT")
        let message = Array("secret".utf8)
        try provider.encryptInit(session, .rsa, key: test.publicKey(session, of: key))
        #expect(try provider.encryptUpdate(session, data: message.span, .length) == .length(256))
        #expect(try provider.encryptUpdate(session, data: message.span, .bytes(capacity: 256)) == .bytes([]))
        let cryptogram = try provider.encryptFinal(session, .bytes(capacity: 256)).bytes
        try provider.decryptInit(session, .rsa, key: key)
        #expect(try provider.decryptUpdate(session, data: cryptogram.span, .length) == .length(245))
        #expect(try provider.decryptUpdate(session, data: cryptogram.span, .bytes(capacity: 245)) == .bytes([]))
        #expect(try provider.decryptFinal(session, .bytes(capacity: 245)).bytes == message)
    }

    // MARK: Digests

    @Test(
        "digests at once and in pieces",
        arguments: [
            (CKM_SHA_1, HashAlgorithm.sha1), (CKM_SHA224, .sha224), (CKM_SHA256, .sha256), (CKM_SHA384, .sha384),
            (CKM_SHA512, .sha512),
        ])
    func digests(type: CK_MECHANISM_TYPE, algorithm: HashAlgorithm) throws {
        let test = try TestProvider(.contactless)
        let session = try test.open()
        let expected = HashContext.digest(of: Self.message, with: algorithm)
        let length = algorithm.digestLength
        func begin() throws { try test.provider.digestInit(session, Mechanism(type: type)) }
        try begin()
        #expect(try test.digest(session, Self.message, .length) == .length(length))
        #expect(throws: CryptokiError.bufferTooSmall(needed: length)) {
            try test.digest(session, Self.message, .bytes(capacity: length - 1))
        }
        #expect(try test.digest(session, Self.message).bytes == expected)
        #expect(throws: CryptokiError.operationNotInitialized) { try test.digest(session, Self.message) }
        // A length asked for with C_Digest, the digest fetched with C_DigestFinal.
        try begin()
        #expect(try test.digest(session, Self.message, .length) == .length(length))
        #expect(try test.provider.digestFinal(session, .bytes(capacity: length)).bytes == expected)
        try begin()
        #expect(throws: CryptokiError.bufferTooSmall(needed: length)) {
            try test.digest(session, Self.message, .bytes(capacity: 0))
        }
        #expect(try test.provider.digestFinal(session, .bytes(capacity: length)).bytes == expected)
        try begin()
        try test.digestUpdate(session, Array(Self.message.prefix(3)))
        try test.digestUpdate(session, [])
        try test.digestUpdate(session, Array(Self.message.dropFirst(3)))
        #expect(try test.provider.digestFinal(session, .length) == .length(length))
        #expect(throws: CryptokiError.bufferTooSmall(needed: length)) {
            try test.provider.digestFinal(session, .bytes(capacity: 0))
        }
        #expect(try test.provider.digestFinal(session, .bytes(capacity: length)).bytes == expected)
        #expect(throws: CryptokiError.operationNotInitialized) { try test.provider.digestFinal(session, .length) }
        #expect(throws: CryptokiError.operationNotInitialized) { try test.digestUpdate(session, [1]) }
        #expect(throws: CryptokiError.mechanismInvalid) { try test.provider.digestInit(session, .rsa) }
    }

    // MARK: Encrypting and decrypting

    @Test("what is encrypted here the card decrypts, at once and in pieces", arguments: CardKind.contacts)
    func ciphers(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let key = try test.privateKey(session, "AUT")
        let publicKey = try test.publicKey(session, of: key)
        for count in [0, 1, 100, 245] {
            let message = (0..<count).map { UInt8($0) }
            try test.provider.encryptInit(session, .rsa, key: publicKey)
            let cryptogram = try test.provider.encrypt(session, data: message, .bytes(capacity: 256)).bytes
            try test.provider.decryptInit(session, .rsa, key: key)
            #expect(try test.provider.decrypt(session, data: cryptogram, .bytes(capacity: 256)).bytes == message)
            try test.provider.encryptInit(session, .rsa, key: publicKey)
            try test.encryptUpdate(session, Array(message.prefix(60)))
            try test.encryptUpdate(session, Array(message.dropFirst(60)))
            let second = try test.provider.encryptFinal(session, .bytes(capacity: 256)).bytes
            #expect(second != cryptogram)
            try test.provider.decryptInit(session, .rsa, key: key)
            try test.decryptUpdate(session, Array(second.prefix(100)))
            try test.decryptUpdate(session, Array(second.dropFirst(100)))
            #expect(try test.provider.decryptFinal(session, .bytes(capacity: 245)).bytes == message)
        }
    }

    @Test("the life of an encryption")
    func encryption() throws {
        let test = try TestProvider(.cps3)
        let session = try test.logIn()
        let provider = test.provider
        let key = try test.privateKey(session, "AUT")
        let publicKey = try test.publicKey(session, of: key)
        let signatureKey = try test.publicKey(session, of: test.privateKey(session, "SIG"))
        #expect(throws: CryptokiError.keyHandleInvalid) { try provider.encryptInit(session, .rsa, key: 999) }
        #expect(throws: CryptokiError.keyTypeInconsistent) { try provider.encryptInit(session, .rsa, key: key) }
        #expect(throws: CryptokiError.keyTypeInconsistent) {
            try provider.encryptInit(session, .rsa, key: signatureKey)
        }
        #expect(throws: CryptokiError.mechanismInvalid) { try provider.encryptInit(session, .sha256, key: publicKey) }
        #expect(throws: CryptokiError.operationNotInitialized) { try provider.encrypt(session, data: [1], .length) }
        try provider.encryptInit(session, .rsa, key: publicKey)
        #expect(throws: CryptokiError.operationActive) { try provider.encryptInit(session, .rsa, key: publicKey) }
        #expect(try provider.encrypt(session, data: [1], .length) == .length(256))
        #expect(throws: CryptokiError.bufferTooSmall(needed: 256)) {
            try provider.encrypt(session, data: [1], .bytes(capacity: 255))
        }
        #expect(try provider.encrypt(session, data: [1], .bytes(capacity: 256)).bytes.count == 256)
        #expect(throws: CryptokiError.operationNotInitialized) { try provider.encrypt(session, data: [1], .length) }
        try provider.encryptInit(session, .rsa, key: publicKey)
        #expect(throws: CryptokiError.dataLengthRange) {
            try provider.encrypt(session, data: [UInt8](repeating: 1, count: 246), .bytes(capacity: 256))
        }
        #expect(throws: CryptokiError.operationNotInitialized) { try provider.encrypt(session, data: [1], .length) }
        try provider.encryptInit(session, .rsa, key: publicKey)
        try test.encryptUpdate(session, [UInt8](repeating: 1, count: 245))
        #expect(throws: CryptokiError.dataLengthRange) { try test.encryptUpdate(session, [1]) }
        #expect(throws: CryptokiError.operationNotInitialized) { try provider.encryptFinal(session, .length) }
    }

    @Test("a message that waits for a larger buffer goes with the login", arguments: CardKind.contacts)
    func decryptionAfterLogin(kind: CardKind) throws {
        let endings: [(TestProvider, CK_SESSION_HANDLE) throws -> Void] = [
            { try $0.provider.logOut($1) },
            { test, session in
                test.reader.resetCard()
                _ = try test.provider.generateRandom(session, count: 8)
            },
        ]
        for (end, error) in zip(endings, [CryptokiError.operationNotInitialized, .userNotLoggedIn]) {
            let test = try TestProvider(kind)
            let session = try test.logIn()
            let key = try test.privateKey(session, "AUT")
            let cryptogram = try #require(try test.numbers(session, key).encryptPKCS1([1, 2, 3]))
            try test.provider.decryptInit(session, .rsa, key: key)
            #expect(throws: CryptokiError.bufferTooSmall(needed: 3)) {
                try test.provider.decrypt(session, data: cryptogram, .bytes(capacity: 2))
            }
            try end(test, session)
            #expect(throws: error) { try test.provider.decrypt(session, data: cryptogram, .bytes(capacity: 256)) }
        }
    }

    @Test(
        "the life of a decryption: the card is asked once, also when the buffer was too small",
        arguments: CardKind.contacts)
    func decryption(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let provider = test.provider
        let key = try test.privateKey(session, "AUT")
        let message: [UInt8] = [1, 2, 3, 4, 5]
        let cryptogram = try #require(try test.numbers(session, key).encryptPKCS1(message))
        func begin() throws { try provider.decryptInit(session, .rsa, key: key) }
        #expect(throws: CryptokiError.objectHandleInvalid) { try provider.decryptInit(session, .rsa, key: 999) }
        #expect(throws: CryptokiError.keyTypeInconsistent) {
            try provider.decryptInit(session, .rsa, key: test.privateKey(session, "SIG"))
        }
        #expect(throws: CryptokiError.keyTypeInconsistent) {
            try provider.decryptInit(session, .rsa, key: test.publicKey(session, of: key))
        }
        #expect(throws: CryptokiError.mechanismInvalid) { try provider.decryptInit(session, .sha256, key: key) }
        #expect(throws: CryptokiError.operationNotInitialized) {
            try provider.decrypt(session, data: cryptogram, .length)
        }
        try begin()
        #expect(throws: CryptokiError.operationActive) { try begin() }
        guard case .length(let length) = try provider.decrypt(session, data: cryptogram, .length) else {
            throw CryptokiError.functionFailed
        }
        #expect(length >= message.count && length <= 256)
        #expect(throws: CryptokiError.bufferTooSmall(needed: 5)) {
            try provider.decrypt(session, data: cryptogram, .bytes(capacity: 4))
        }
        var decrypted: [UInt8] = []
        let sent = try test.reader.sent {
            decrypted = try provider.decrypt(session, data: cryptogram, .bytes(capacity: 5)).bytes
        }
        #expect(sent.isEmpty && decrypted == message)
        #expect(throws: CryptokiError.operationNotInitialized) {
            try provider.decrypt(session, data: cryptogram, .length)
        }

        for count in [0, 255, 257] {
            try begin()
            #expect(throws: CryptokiError.encryptedDataLengthRange) {
                try provider.decrypt(session, data: [UInt8](repeating: 1, count: count), .bytes(capacity: 256))
            }
            #expect(throws: CryptokiError.operationNotInitialized) {
                try provider.decrypt(session, data: cryptogram, .length)
            }
        }
        let noMessage = try #require(test.numbers(session, key).apply([UInt8](repeating: 0, count: 255) + [9]))
        try begin()
        #expect(throws: CryptokiError.encryptedDataInvalid) {
            try provider.decrypt(session, data: noMessage, .bytes(capacity: 256))
        }
        #expect(throws: CryptokiError.operationNotInitialized) {
            try provider.decrypt(session, data: cryptogram, .length)
        }
        try begin()
        try test.decryptUpdate(session, cryptogram)
        #expect(throws: CryptokiError.encryptedDataLengthRange) { try test.decryptUpdate(session, [1]) }
        #expect(throws: CryptokiError.operationNotInitialized) { try provider.decryptFinal(session, .length) }
        try provider.logOut(session)
        #expect(throws: CryptokiError.userNotLoggedIn) { try provider.decryptInit(session, .rsa, key: 999) }
    }

    @Test("a contactless card decrypts nothing")
    func contactless() throws {
        let test = try TestProvider(.contactless)
        let session = try test.open()
        let key = try test.find(session, class: CKO_PRIVATE_KEY, label: "CPS_PRIV_TECH_AUT")
        #expect(throws: CryptokiError.userNotLoggedIn) { try test.provider.decryptInit(session, .rsa, key: key) }
        #expect(throws: CryptokiError.mechanismInvalid) { try test.provider.signInit(session, .sha256, key: key) }
        #expect(try test.signature(session, .rsa, key, [1, 2, 3]).count == 256)
    }

    @Test("a length that no memory has is too long, also after other data")
    func absurdLength() throws {
        let block = [UInt8](repeating: 1, count: 16)
        try unsafe block.withUnsafeBufferPointer { buffer in
            let absurd = try unsafe Span(_unsafeStart: #require(buffer.baseAddress), count: .max)
            var data = DataToSign(.pkcs1, hashesMessage: false)
            try data.append(block.span)
            #expect(throws: CryptokiError.dataLengthRange) { try data.append(absurd) }
            var cipher = CipherBlock(limit: 256)
            let taken = [cipher.update(block.span), cipher.update(absurd)]
            #expect(taken == [true, false])
        }
    }
}
