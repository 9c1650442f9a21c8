// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import HostCryptography
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPS
import VirtualCPSTestSupport

@testable import Cryptoki

/// Objects and their attributes (PKCS#11 3.1 §4 and §5.7, cards.md §7.6).
@Suite struct ObjectTests {
    private static let publicData = ["CPS_ID_CARD", "CPS_NAME_PS", "CPS_LANG_PS", "CPS_INFO_PS", "CPS_DATA"]
    private static let signatureCertificate = "Certificat de Signature CPS"
    private static let authenticationCertificate = "Certificat d'Authentification CPS"

    private func labels(_ test: TestProvider, _ session: CK_SESSION_HANDLE) throws -> [String] {
        try test.find(session).map { try test.label(session, $0) }.filter { !$0.isEmpty }
    }

    @Test("the objects of a CPS3, in order")
    func orderCPS3() throws {
        let test = try TestProvider(.cps3)
        let activities = ["01", "03", "07"]
        #expect(
            try labels(test, test.logIn()) == [
                "CPS_PRIV_SIG", Self.signatureCertificate, "Cle publique - " + Self.signatureCertificate,
                "CPS_PRIV_AUT", Self.authenticationCertificate, "Cle publique - " + Self.authenticationCertificate,
            ] + activities.map { "CPS_ACTIVITY_\($0)_PS" } + ["CPS_SIT_FACT"]
                + activities.map { "CPS2TER_ACTIVITY_\($0)_PS" }
                + Self.publicData)
    }

    @Test("the objects of a CPS4, in order")
    func orderCPS4() throws {
        let test = try TestProvider(.cps4)
        let labels = try labels(test, test.logIn())
        #expect(
            labels.prefix(6) == [
                "CPS_PRIV_SIG", "CPS_PUB_SIG", Self.signatureCertificate,
                "CPS_PRIV_AUT", "CPS_PUB_AUT", Self.authenticationCertificate,
            ])
        let publicOnes =
            Self.publicData + ["ATR", "ID", "ICC", "NAME", "LANG", "PSINFO", "DIRAMO"].map { "CPS2TER_\($0)" }
        #expect(labels.suffix(publicOnes.count) == publicOnes[...])
        #expect(labels.count == 6 + 7 + publicOnes.count && Set(labels).count == labels.count)
    }

    @Test("the objects of a contactless card, in order")
    func orderContactless() throws {
        let test = try TestProvider(.contactless)
        let labels = try labels(test, test.open())
        #expect(labels.first == "CPS_PRIV_TECH_AUT" && labels.prefix(3).contains("Certificat Technique CPS"))
        #expect(labels.suffix(5) == Self.publicData[...] && labels.count == 8)
    }

    @Test(
        "private objects show to the user only, and their handles open nothing to others", arguments: CardKind.contacts)
    func privateObjects(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        let before = try test.find(session)
        #expect(try before.allSatisfy { try test.value(session, $0, CKA_PRIVATE) == [0] })
        #expect(try labels(test, session).filter { $0.hasPrefix("CPS_PRIV") || $0.contains("ACTIVITY") }.isEmpty)
        // Public keys show: NSS decides by them that a certificate is the user's.
        #expect(try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_PUBLIC_KEY))]).count == 2)
        try test.provider.logIn(session, as: .user, pin: secret("1234"))
        let after = try test.find(session)
        #expect(Set(before).isSubset(of: after) && after.count == before.count + 9)
        try test.provider.logOut(session)
        #expect(try test.find(session) == before)
        for hidden in Set(after).subtracting(before) {
            #expect(throws: CryptokiError.objectHandleInvalid) { try test.value(session, hidden, CKA_CLASS) }
        }
    }

    @Test("listing and describing what is known touches the card no more", arguments: CardKind.allCases)
    func memory(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = kind == .contactless ? try test.open() : try test.logIn()
        func everything() throws {
            for object in try test.find(session) {
                for type in [CKA_CLASS, CKA_LABEL, CKA_ID, CKA_MODULUS, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER] {
                    _ = try? test.value(session, object, type)
                }
            }
        }
        try everything()
        let sent = try test.reader.sent { for _ in 0..<20 { try everything() } }
        #expect(sent.isEmpty)
    }

    private func bool(_ value: Bool) -> [UInt8] { AttributeValue.boolean(value) }

    @Test("private keys", arguments: CardKind.allCases)
    func privateKeys(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = kind == .contactless ? try test.open() : try test.logIn()
        let keys = try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_PRIVATE_KEY))])
        let suffixes: [CardKind: [UInt8]] = [.cps3: [0x01, 0x02], .cps4: [0x10, 0x20], .contactless: [0x03]]
        #expect(
            try keys.map { try test.value(session, $0, CKA_ID) }
                == suffixes[kind]?.map { hex("E828BD080F8025000001FF0010") + [$0] })
        for key in keys {
            let isSignature = try test.label(session, key) == "CPS_PRIV_SIG"
            let constant: [(CK_ATTRIBUTE_TYPE, [UInt8])] = [
                (CKA_KEY_TYPE, AttributeValue.number(CKK_RSA)), (CKA_TOKEN, bool(true)), (CKA_LOCAL, bool(true)),
                (CKA_PRIVATE, bool(kind != .contactless)), (CKA_SENSITIVE, bool(true)),
                (CKA_ALWAYS_SENSITIVE, bool(true)),
                (CKA_NEVER_EXTRACTABLE, bool(true)), (CKA_EXTRACTABLE, bool(false)), (CKA_MODIFIABLE, bool(false)),
                (CKA_COPYABLE, bool(false)), (CKA_DESTROYABLE, bool(false)), (CKA_SIGN, bool(true)),
                (CKA_DECRYPT, bool(!isSignature && kind != .contactless)), (CKA_DERIVE, bool(false)),
                (CKA_ALWAYS_AUTHENTICATE, bool(false)), (CKA_MODULUS_BITS, AttributeValue.number(2048)),
                (CKA_START_DATE, []), (CKA_END_DATE, []),
                (CKA_KEY_GEN_MECHANISM, AttributeValue.number(unavailableInformation)),
            ]
            for (type, value) in constant { #expect(try test.value(session, key, type) == value, "\(type)") }
            for type in [
                CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT,
            ] {
                #expect(throws: CryptokiError.attributeSensitive) { try test.value(session, key, type) }
            }
            for type in [CKA_VALUE, CKA_CERTIFICATE_TYPE, CKA_APPLICATION, CKA_EC_PARAMS, CK_ATTRIBUTE_TYPE.max] {
                #expect(throws: CryptokiError.attributeTypeInvalid) { try test.value(session, key, type) }
            }
            let numbers = try test.numbers(session, key)
            #expect(test.reader.credentials.keys.values.contains { $0.publicKey == numbers })
            #expect(try test.provider.object(session, key).size() == 256)
        }
    }

    @Test("the mechanisms that a key allows are those that it can be asked for", arguments: CardKind.allCases)
    func allowedMechanisms(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = kind == .contactless ? try test.open() : try test.logIn()
        for key in try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_PRIVATE_KEY))]) {
            let allowed = try test.value(session, key, CKA_ALLOWED_MECHANISMS)
            for type in try test.provider.mechanisms(0) {
                let mechanism: Mechanism
                switch type {
                case CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS: mechanism = .pss(type, .sha256)
                case CKM_SHA1_RSA_PKCS_PSS: mechanism = .pss(type, .sha1)
                default: mechanism = Mechanism(type: type)
                }
                let isAllowed = stride(from: 0, to: allowed.count, by: 8).contains {
                    Array(allowed[$0..<$0 + 8]) == AttributeValue.number(type)
                }
                let sent = test.reader.sent {
                    if isAllowed {
                        #expect(throws: Never.self) { try test.provider.signInit(session, mechanism, key: key) }
                    } else {
                        let error = #expect(throws: CryptokiError.self) {
                            try test.provider.signInit(session, mechanism, key: key)
                        }
                        #expect(error == .keyTypeInconsistent || error == .mechanismInvalid)
                    }
                }
                #expect(sent.isEmpty)
                try test.provider.cancelOperations(session, CKF_SIGN)
            }
        }
    }

    @Test("public keys", arguments: CardKind.allCases)
    func publicKeys(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        for key in try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_PUBLIC_KEY))]) {
            for (type, value) in [
                (CKA_PRIVATE, bool(false)), (CKA_TOKEN, bool(true)), (CKA_VERIFY, bool(true)), (CKA_WRAP, bool(false)),
                (CKA_MODIFIABLE, bool(false)), (CKA_MODULUS_BITS, AttributeValue.number(2048)),
            ] { #expect(try test.value(session, key, type) == value, "\(type)") }
            let numbers = try test.numbers(session, key)
            #expect(test.reader.credentials.keys.values.contains { $0.publicKey == numbers })
            // RSAPublicKey: SEQUENCE { modulus, exponent }.
            var reader = BERTLVReader(try test.value(session, key, CKA_VALUE))
            var parts = try reader.next(tag: 0x30).children
            #expect(Array(try parts.next(tag: 0x02).value.drop { $0 == 0 }) == numbers.modulus)
            #expect(Array(try parts.next(tag: 0x02).value) == numbers.publicExponent)
            #expect(throws: CryptokiError.attributeTypeInvalid) { try test.value(session, key, CKA_PRIME_1) }
        }
    }

    @Test("certificates", arguments: CardKind.allCases)
    func certificates(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        let certificates = try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_CERTIFICATE))])
        #expect(certificates.count == (kind == .contactless ? 1 : 2))
        for certificate in certificates {
            let value = try test.value(session, certificate, CKA_VALUE)
            #expect(test.reader.credentials.certificates.values.contains(value))
            for (type, expected) in [
                (CKA_CERTIFICATE_TYPE, AttributeValue.number(CK_ULONG(CKC_X_509))), (CKA_TRUSTED, bool(false)),
                (CKA_CERTIFICATE_CATEGORY, AttributeValue.number(1)), (CKA_PRIVATE, bool(false)), (CKA_URL, []),
                (CKA_CHECK_VALUE, Array(HashContext.digest(of: value, with: .sha1).prefix(3))),
            ] { #expect(try test.value(session, certificate, type) == expected, "\(type)") }
            let serial = try test.value(session, certificate, CKA_SERIAL_NUMBER)
            #expect(serial.first == 0x02 && Int(serial[1]) == serial.count - 2)
            #expect(try test.value(session, certificate, CKA_START_DATE).count == 8)
            #expect(try test.value(session, certificate, CKA_SUBJECT).first == 0x30)
            let key = try test.find(
                session,
                [
                    (CKA_CLASS, AttributeValue.number(CKO_PUBLIC_KEY)),
                    (CKA_ID, test.value(session, certificate, CKA_ID)),
                ])
            #expect(key.count == 1)
            #expect(
                try test.value(session, key[0], CKA_PUBLIC_KEY_INFO)
                    == test.value(session, certificate, CKA_PUBLIC_KEY_INFO))
            #expect(try test.provider.object(session, certificate).size() == value.count)
        }
    }

    @Test("data objects", arguments: CardKind.allCases)
    func dataObjects(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = kind == .contactless ? try test.open() : try test.logIn()
        for object in try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_DATA))]) {
            let label = try test.label(session, object)
            #expect(try test.value(session, object, CKA_APPLICATION) == Array("CPS".utf8))
            #expect(
                try test.value(session, object, CKA_MODIFIABLE) == bool(label == "CPS_DATA" && kind != .contactless))
            #expect(
                try test.value(session, object, CKA_PRIVATE)
                    == bool(label.contains("ACTIVITY") || label == "CPS_SIT_FACT"))
            #expect(try !test.value(session, object, CKA_VALUE).isEmpty, "\(label)")
            #expect(throws: CryptokiError.attributeTypeInvalid) { try test.value(session, object, CKA_ID) }
        }
    }

    @Test("identifiers are unique on the card, and the same at the next insertion", arguments: CardKind.allCases)
    func uniqueIdentifiers(kind: CardKind) throws {
        let test = try TestProvider(kind)
        func identifiers() throws -> [[UInt8]] {
            let session = try test.open()
            return try test.find(session).map { try test.value(session, $0, CKA_UNIQUE_ID) }
        }
        let first = try identifiers()
        #expect(Set(first).count == first.count && first.allSatisfy { !$0.isEmpty })
        test.reader.removeCard()
        test.reader.insertCard()
        try test.look()
        #expect(try identifiers() == first)
    }

    @Test("profiles are announced, and not the one that makes Firefox ask for the PIN", arguments: CardKind.allCases)
    func profiles(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        let profiles = try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_PROFILE))])
            .map { try test.value(session, $0, CKA_PROFILE_ID) }
        #expect(profiles.contains(AttributeValue.number(CKP_PUBLIC_CERTIFICATES_TOKEN)))
        #expect(!profiles.contains(AttributeValue.number(CKP_AUTHENTICATION_TOKEN)))
    }

    @Test("a browser's view shows the authentication pair alone", arguments: CardKind.contacts)
    func browserView(kind: CardKind) throws {
        let test = TestProvider(try TestReader(kind), Configuration(view: .browser))
        let session = try test.logIn()
        #expect(
            try labels(test, session).sorted()
                == [
                    Self.authenticationCertificate, "CPS_PRIV_AUT",
                    kind == .cps4 ? "CPS_PUB_AUT" : "Cle publique - " + Self.authenticationCertificate,
                ].sorted())
    }

    // MARK: Searching

    @Test("a certificate is found by its serial number in both forms", arguments: CardKind.allCases)
    func serialNumbers(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.open()
        for certificate in try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_CERTIFICATE))]) {
            let serial = try test.value(session, certificate, CKA_SERIAL_NUMBER)
            let issuer = try test.value(session, certificate, CKA_ISSUER)
            var reader = BERTLVReader(issuer)
            let name = Array(try reader.next(tag: 0x30).value)
            for number in [serial, Array(serial.dropFirst(2))] {
                #expect(try test.find(session, [(CKA_SERIAL_NUMBER, number)]) == [certificate])
                for issuer in [issuer, name] {
                    #expect(
                        try test.find(
                            session,
                            [
                                (CKA_CLASS, AttributeValue.number(CKO_CERTIFICATE)), (CKA_ISSUER, issuer),
                                (CKA_SERIAL_NUMBER, number),
                            ]) == [certificate])
                }
            }
            for other in [Array(serial.dropLast()), serial + [0], Array(serial.dropFirst()), []] {
                #expect(try test.find(session, [(CKA_SERIAL_NUMBER, other)]).isEmpty)
            }
        }
    }

    @Test("a public key made from a certificate is found by its label with and without the NUL")
    func trailingNUL() throws {
        let test = try TestProvider(.cps3)
        let session = try test.open()
        let label = Array(("Cle publique - " + Self.authenticationCertificate).utf8)
        let found = try test.find(session, [(CKA_LABEL, label)])
        #expect(try found.count == 1 && test.find(session, [(CKA_LABEL, label + [0])]) == found)
        #expect(try test.find(session, [(CKA_LABEL, label + [0, 0])]).isEmpty)
        #expect(try test.find(session, [(CKA_LABEL, Array("CPS_ID_CARD".utf8) + [0])]).isEmpty)
    }

    @Test("a certificate is found by its value alone, and no data object is read for it", arguments: CardKind.contacts)
    func valueAlone(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        let certificate = try test.find(session, class: CKO_CERTIFICATE, label: Self.authenticationCertificate)
        let value = try test.value(session, certificate, CKA_VALUE)
        let sent = test.reader.sent { #expect(throws: Never.self) { try test.find(session, [(CKA_VALUE, value)]) } }
        #expect(!sent.contains { $0.contains("D1") && $0.dropFirst(2).hasPrefix("A4") })
        #expect(try test.find(session, [(CKA_VALUE, value)]) == [certificate])
        #expect(try test.find(session, [(CKA_VALUE, [1, 2, 3])]).isEmpty)
    }

    @Test("a data object is found by its value alone", arguments: CardKind.contacts)
    func dataByValue(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn()
        for label in ["CPS_ACTIVITY_01_PS", "CPS_DATA", "CPS_ID_CARD"] {
            let object = try test.data(session, label)
            let value = try test.value(session, object, CKA_VALUE)
            #expect(try test.find(session, [(CKA_VALUE, value)]).contains(object), "\(label)")
        }
    }

    @Test("a card with more objects than the official library finds shows them all", arguments: CardKind.contacts)
    func manyObjects(kind: CardKind) throws {
        let test = TestProvider(
            try TestReader(kind) { profile in
                let activity = profile.activities[0]
                profile.activities = (1...16).map { number in
                    var other = activity
                    other.number = number
                    return other
                }
            })
        let session = try test.logIn()
        let found = try test.find(session, [(CKA_CLASS, AttributeValue.number(CKO_DATA))])
        let labels = try found.map { String(decoding: try test.value(session, $0, CKA_LABEL), as: UTF8.self) }
        // Those of the old volet as well.
        #expect(labels.count { $0.contains("ACTIVITY") } == 32 && Set(labels).count == labels.count, "\(labels)")
    }

    /// Ends the validity of a certificate: the second of its two dates becomes one in the past.
    private func ended(_ certificate: [UInt8]) throws -> [UInt8] {
        // UTCTime, 13 characters.
        let dates = certificate.indices.dropLast().filter { certificate[$0...].starts(with: [0x17, 0x0D]) }
        try #require(dates.count == 2)
        var bytes = certificate
        bytes.replaceSubrange(dates[1] + 2..<dates[1] + 15, with: "200101000000Z".utf8)
        return bytes
    }

    @Test("of the certificates that a search finds, those that are over come last", arguments: CardKind.contacts)
    func expiredLast(kind: CardKind) throws {
        let profile = try kind.profile
        var credentials = try CardCredentials.selfSigned(for: profile)
        credentials.certificates[.signature] = try ended(#require(credentials.certificates[.signature]))
        let readers = InProcessReaders()
        readers.insert(
            try VirtualCard(profile: profile, credentials: credentials, transport: kind == .cps4 ? .t1 : nil),
            into: TestReader.name)
        let provider = Provider(readers: readers)
        let session = try provider.openSession(0, readWrite: false)
        func labels(_ template: [Attribute]) throws -> [String] {
            try provider.findObjectsInit(session, template)
            defer { try? provider.findObjectsFinal(session) }
            return try provider.findObjects(session, count: 100).map {
                String(decoding: try provider.object(session, $0).value(of: CKA_LABEL), as: UTF8.self)
            }
        }
        let certificates = Attribute(type: CKA_CLASS, value: AttributeValue.number(CKO_CERTIFICATE))
        #expect(try labels([certificates]) == [Self.authenticationCertificate, Self.signatureCertificate])
        // A search for everything keeps the order of the card.
        let all = try labels([]).filter { $0.hasPrefix("Certificat") }
        #expect(all == [Self.signatureCertificate, Self.authenticationCertificate])
        let another = Attribute(type: CKA_LABEL, value: Array(Self.signatureCertificate.utf8))
        #expect(try labels([certificates, another]) == [Self.signatureCertificate])
    }

    @Test("an unknown attribute, or a value that differs, matches nothing")
    func noMatches() throws {
        let test = try TestProvider(.cps3)
        let session = try test.logIn()
        let templates: [[(CK_ATTRIBUTE_TYPE, [UInt8])]] = [
            [(CKA_EC_POINT, [])], [(CKA_CLASS, [])], [(CKA_CLASS, [2])], [(CKA_CLASS, AttributeValue.number(99))],
            [(CKA_PRIVATE_EXPONENT, [])],
            [(CKA_CLASS, AttributeValue.number(CKO_DATA)), (CKA_KEY_TYPE, AttributeValue.number(CKK_RSA))],
        ]
        for template in templates { #expect(try test.find(session, template).isEmpty) }
    }

    @Test("one search at a time, in pieces, and after its end none")
    func searchLifeCycle() throws {
        let test = try TestProvider(.cps4)
        let session = try test.open()
        #expect(throws: CryptokiError.operationNotInitialized) { try test.provider.findObjects(session, count: 1) }
        #expect(throws: CryptokiError.operationNotInitialized) { try test.provider.findObjectsFinal(session) }
        let all = try test.find(session)
        try test.provider.findObjectsInit(session, [])
        #expect(throws: CryptokiError.operationActive) { try test.provider.findObjectsInit(session, []) }
        var found: [CK_OBJECT_HANDLE] = []
        #expect(try test.provider.findObjects(session, count: 0).isEmpty)
        while case let part = try test.provider.findObjects(session, count: 2), !part.isEmpty { found += part }
        #expect(found == all)
        try test.provider.findObjectsFinal(session)
        #expect(throws: CryptokiError.operationNotInitialized) { try test.provider.findObjects(session, count: 1) }
    }

    @Test("a handle of no object opens nothing")
    func unknownHandles() throws {
        let test = try TestProvider(.cps3)
        let session = try test.open()
        _ = try test.find(session)
        for handle in [0, 999, CK_OBJECT_HANDLE.max] {
            #expect(throws: CryptokiError.objectHandleInvalid) { try test.value(session, handle, CKA_CLASS) }
            #expect(throws: CryptokiError.objectHandleInvalid) { try test.provider.setAttributes(session, handle, []) }
        }
    }

    // MARK: CPS_DATA

    private func set(_ test: TestProvider, _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ value: [UInt8])
        throws
    {
        try test.provider.setAttributes(session, object, [Attribute(type: CKA_VALUE, value: value)])
    }

    @Test("CPS_DATA is written, filled with zeros, and never beyond its end", arguments: CardKind.contacts)
    func writing(kind: CardKind) throws {
        let test = try TestProvider(kind)
        let session = try test.logIn(readWrite: true)
        let object = try test.data(session, "CPS_DATA")
        let whole = (0..<256).map { UInt8($0) }
        try set(test, session, object, whole)
        #expect(try test.value(session, object, CKA_VALUE) == whole)
        #expect(test.reader.card.state.cpsData == Hexadecimal.encode(whole))
        let sent = test.reader.sent {
            #expect(throws: CryptokiError.attributeValueInvalid) { try set(test, session, object, whole + [0]) }
        }
        #expect(!sent.contains { $0.dropFirst(2).hasPrefix("D6") })
        try set(test, session, object, [7])
        #expect(try test.value(session, object, CKA_VALUE) == [7] + [UInt8](repeating: 0, count: 255))
        try set(test, session, object, [])
        #expect(try test.value(session, object, CKA_VALUE) == [UInt8](repeating: 0, count: 256))
    }

    @Test("what another program writes to CPS_DATA is read anew")
    func otherProgramWrites() throws {
        let test = try TestProvider(.cps3)
        let session = try test.logIn()
        let object = try test.data(session, "CPS_DATA")
        _ = try test.value(session, object, CKA_VALUE)
        try test.reader.otherProgram().send("00A4090C063F000001D107", "00D6000002ABCD")
        #expect(try test.value(session, object, CKA_VALUE).prefix(2) == [0xAB, 0xCD])
    }

    @Test("CPS_DATA needs a read/write session and the PIN; other objects and attributes are read-only")
    func readOnly() throws {
        let test = try TestProvider(.cps3)
        let (readOnly, readWrite) = (try test.open(), try test.open(readWrite: true))
        let object = try test.data(readOnly, "CPS_DATA")
        #expect(throws: CryptokiError.sessionReadOnly) { try set(test, readOnly, object, [1]) }
        #expect(throws: CryptokiError.userNotLoggedIn) { try set(test, readWrite, object, [1]) }
        try test.provider.logIn(readWrite, as: .user, pin: secret("1234"))
        let writes = test.reader.sent {
            for label in ["CPS_ID_CARD", "CPS_ACTIVITY_01_PS", "CPS_SIT_FACT"] {
                #expect(throws: CryptokiError.attributeReadOnly) {
                    try set(test, readWrite, test.data(readWrite, label), [1])
                }
            }
            #expect(throws: CryptokiError.attributeReadOnly) {
                try set(test, readWrite, test.privateKey(readWrite, "SIG"), [1])
            }
            #expect(throws: CryptokiError.attributeReadOnly) {
                try test.provider.setAttributes(
                    readWrite, object, [Attribute(type: CKA_VALUE, value: [1]), Attribute(type: CKA_LABEL, value: [1])])
            }
        }
        #expect(!writes.contains { $0.dropFirst(2).hasPrefix("D6") })
        #expect(test.reader.card.state.cpsData.allSatisfy { $0 == "0" })
        let contactless = try TestProvider(.contactless)
        let session = try contactless.open(readWrite: true)
        #expect(throws: CryptokiError.attributeReadOnly) {
            try set(contactless, session, contactless.data(session, "CPS_DATA"), [1])
        }
    }

    // MARK: Bad cards

    /// CDF entries: the identifier's last byte of each certificate, and its file.
    private func certificateDirectory(_ entries: [(label: String, last: UInt8, file: UInt8)]) -> [UInt8] {
        entries.flatMap { entry in
            let common = BERTLV.encode(tag: 0x30, BERTLV.encode(tag: 0x0C, Array(entry.label.utf8)))
            let identifier = hex("E8 28 BD 08 0F 80 25 00 00 01 FF 00 10") + [entry.last]
            let path = BERTLV.encode(tag: 0x30, BERTLV.encode(tag: 0x04, hex("3F 00 00 01 A0") + [entry.file]))
            return BERTLV.encode(
                tag: 0x30,
                parts: [
                    common, BERTLV.encode(tag: 0x30, BERTLV.encode(tag: 0x04, identifier)),
                    BERTLV.encode(tag: 0xA1, BERTLV.encode(tag: 0x30, path)),
                ])
        }
    }

    @Test(
        "of two certificates with one CKA_ID both are objects, and the one that fits the key signs", arguments: [0, 1])
    func renewedCertificate(order: Int) throws {
        // The signature certificate stands for one that does not fit the authentication key.
        let authentication = [("Ancien", 0x02, 0x01), ("Nouveau", 0x02, 0x02)] as [(String, UInt8, UInt8)]
        let entries = (order == 0 ? authentication : authentication.reversed()) + [("Signature", 0x01, 0x01)]
        let test = TestProvider(
            try TestReader(.cps3, damage: ["0001/7005": .replaced(certificateDirectory(entries))]))
        let session = try test.logIn()
        let certificates = try test.find(session).filter {
            try test.value(session, $0, CKA_CLASS) == AttributeValue.number(CKO_CERTIFICATE)
        }
        #expect(certificates.count == 3)
        let identifiers = try certificates.map { try test.value(session, $0, CKA_UNIQUE_ID) }
        #expect(Set(identifiers).count == 3)
        let key = try test.privateKey(session, "AUT")
        #expect(try test.signature(session, .sha256, key, [1]).count == 256)
    }

    @Test(
        "a directory file that is truncated or rubbish takes nothing else with it",
        arguments: [
            "0001/5031", "0001/5032", "0001/7001", "0001/7002", "0001/7004", "0001/7005", "0001/7006", "2F00",
        ])
    func damagedDirectories(path: String) throws {
        for kind in CardKind.contacts {
            for reader in [
                try TestReader(kind, damage: [path: .truncated(0)]),
                try TestReader(kind, damage: [path: .truncated(20)]),
                try TestReader(kind, damage: [path: .replaced([UInt8](repeating: 0xFF, count: 64))]),
                try TestReader(kind, damage: [path: .overwritten(offset: 0, [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF])]),
            ] {
                let test = TestProvider(reader)
                #expect(try test.provider.tokenInfo(0).label == "(unknown)" || path != "0001/5032")
                let session = try test.open()
                if path == "0001/7001" {
                    // Unreadable is not "no PIN": nothing invites a program to initialise it.
                    #expect(throws: CryptokiError.deviceError) {
                        try test.provider.logIn(session, as: .user, pin: secret("1234"))
                    }
                    #expect(try test.provider.tokenInfo(0).flags & CKF_USER_PIN_INITIALIZED != 0)
                } else {
                    try test.provider.logIn(session, as: .user, pin: secret("1234"))
                }
                if path != "0001/7005" {
                    let certificate = try test.find(
                        session, class: CKO_CERTIFICATE, label: Self.authenticationCertificate)
                    #expect(try !test.value(session, certificate, CKA_VALUE).isEmpty)
                }
                if path != "0001/7006" {
                    #expect(try !test.value(session, test.data(session, "CPS_ID_CARD"), CKA_VALUE).isEmpty)
                }
                // Without the certificate a signature could not be checked.
                if path == "0001/7005" {
                    let key = try test.privateKey(session, "AUT")
                    #expect(throws: CryptokiError.deviceError) { try test.signature(session, .sha256, key, [1]) }
                } else if path != "0001/7002", path != "0001/7001" {
                    let key = try test.privateKey(session, "AUT")
                    #expect(try test.signature(session, .sha256, key, [1]).count == 256)
                }
            }
        }
    }

    @Test(
        "a certificate that is damaged is an error of its own; its key does not sign unchecked",
        arguments: CardKind.contacts)
    func damagedCertificate(kind: CardKind) throws {
        for damage in [
            TestReader.Damage.truncated(0), .truncated(100), .replaced([UInt8](repeating: 0x41, count: 900)),
        ] {
            let test = TestProvider(try TestReader(kind, damage: ["0001/A001": damage]))
            let session = try test.logIn()
            let certificate = try test.find(session, class: CKO_CERTIFICATE, label: Self.signatureCertificate)
            for type in [CKA_VALUE, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER] {
                #expect(throws: CryptokiError.deviceError) { try test.value(session, certificate, type) }
            }
            let other = try test.find(session, class: CKO_CERTIFICATE, label: Self.authenticationCertificate)
            #expect(try !test.value(session, other, CKA_VALUE).isEmpty)
            let key = try test.privateKey(session, "SIG")
            #expect(throws: CryptokiError.deviceError) { try test.signature(session, .sha256, key, [1]) }
            #expect(try test.signature(session, .sha256, test.privateKey(session, "AUT"), [1]).count == 256)
            // It is not read again and again.
            let sent = test.reader.sent { for _ in 0..<10 { _ = try? test.value(session, certificate, CKA_VALUE) } }
            #expect(sent.count < 12)
        }
    }

    @Test("one garbled answer is not believed for the time of the insertion", arguments: CardKind.allCases)
    func garbledOnce(kind: CardKind) throws {
        let whole = try TestProvider(kind)
        let session = try whole.open()
        let expected = try whole.find(session).map { try whole.label(session, $0) }
        let count = whole.reader.commands.count
        for number in 1...count * 3 {
            let test = try TestProvider(kind)
            let command = (number + 2) / 3
            switch number % 3 {
            case 0: test.reader.inject(.refuse(.noPreciseDiagnosis), at: command)
            case 1: test.reader.inject(.garbage([0x30, 0x82, 0x90, 0x00]), at: command)
            default: test.reader.inject(.garbage([]), at: command)
            }
            // What is asked may fail; what is asked again does not.
            guard let session = (try? test.open()) ?? (try? test.open()) else {
                Issue.record("no session after a garbled answer to command \(command)")
                continue
            }
            _ = try? test.find(session)
            _ = try? test.provider.cancelOperations(session, CKF_FIND_OBJECTS)
            #expect(
                try test.find(session).map { try test.label(session, $0) } == expected,
                "command \(command), \(number % 3)")
        }
    }

    @Test("random answers at any command never trap", arguments: CardKind.allCases)
    func noise(kind: CardKind) throws {
        var generator = SystemRandomNumberGenerator()
        let test = try TestProvider(kind)
        for _ in 0..<300 {
            test.reader.readers.clearFaults()
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            test.reader.inject(.garbage(bytes), at: Int.random(in: 1...12))
            if Bool.random() {
                test.reader.removeCard()
                test.reader.insertCard()
                try test.look()
            }
            guard let session = try? test.open() else { continue }
            _ = try? test.find(session)
            _ = try? test.provider.generateRandom(session, count: 8)
            _ = try? test.provider.tokenInfo(0)
        }
    }
}
