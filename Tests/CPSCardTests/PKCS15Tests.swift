// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import Testing
import VirtualCPSTestSupport

@testable import CPSCard

/// The directory files, as the cards have them and as they may come.
@Suite struct PKCS15Tests {
    private static let contactIdentifier = hex("E828BD080F8025000001FF0010")

    @Test("the keys of both cards")
    func keys() throws {
        let signature = try Blueprint.key(Blueprint.signatureKeyCPS3)
        #expect(signature.label == "CPS_PRIV_SIG" && signature.identifier == Self.contactIdentifier + [0x01])
        #expect(signature.isPrivate && signature.reference == 0x81 && signature.authenticationID == [0x01])
        #expect(signature.value == .none && signature.modulusLength == 2048)
        #expect(signature.usage.nonRepudiation && !signature.usage.sign && !signature.usage.decrypt)
        #expect(signature.role == .signature)

        let authentication = try Blueprint.key(Blueprint.authenticationKeyCPS3)
        #expect(authentication.reference == 0x82 && authentication.usage.sign && authentication.usage.decrypt)
        #expect(authentication.role == .authentication && !authentication.usage.nonRepudiation)
        #expect(try Blueprint.key(Blueprint.signatureKeyCPS4).reference == 0x10)
        #expect(try Blueprint.key(Blueprint.authenticationKeyCPS4).reference == 0x20)
    }

    @Test("a reference written as a negative number is the byte that it is")
    func negativeReference() throws {
        let bytes = hex(
            """
            30 44 30 15 0C 0C 43 50 53 5F 50 52 49 56 5F 53 49 47 03 02 07 80 04 01 01 30 1F 04 0E E8 28 BD 08 0F 80 25 00 00
            01 FF 00 10 01 03 03 06 00 40 01 01 FF 03 02 04 B0 02 01 81 A1 0A 30 08 30 02 04 00 02 02 08 00
            """)
        #expect(try Blueprint.key(bytes).reference == 0x81)
    }

    @Test("a reference that no byte holds is refused")
    func largeReference() throws {
        var bytes = Blueprint.signatureKeyCPS3
        let position = try #require(
            bytes.indices.dropLast(3).first { Array(bytes[$0..<$0 + 4]) == [0x02, 0x02, 0x00, 0x81] })
        bytes[position + 2] = 0x12
        #expect(throws: MalformedBytes.self) { try Blueprint.key(bytes) }
    }

    @Test("a key without reference, access flags, native flag or length has the usual ones")
    func bareKey() throws {
        let key = try Blueprint.key(hex("30 17 30 03 0C 01 4B 30 06 04 01 09 03 01 00 A1 08 30 06 30 04 04 02 70 99"))
        #expect(key.label == "K" && key.reference == nil && key.modulusLength == 2048 && key.role == .other)
        #expect(key.value == .file(FilePath(0x0001, 0x7099), offset: 0, count: nil))
    }

    @Test("the user's PIN with a real card's malformed BIT STRING, and the simple one")
    func userPINs() throws {
        for bytes in [Blueprint.userPIN, Blueprint.simpleUserPIN] {
            let pin = try Blueprint.pin(bytes)
            #expect(pin.label == "Code porteur de la carte CPX" && pin.identifier == [0x01])
            #expect(pin.unblockingIdentifier == [0x02] && pin.reference == 0x01 && pin.coding == .characters)
            #expect(pin.minimumLength == 4 && pin.maximumLength == 8 && pin.paddedLength == nil && pin.path == nil)
            #expect(!pin.isUnblockingPIN && !pin.isSecurityOfficerPIN)
        }
        #expect(try Blueprint.pin(Blueprint.userPIN).paddingByte == 0xFF)
    }

    @Test("the unblocking code")
    func puk() throws {
        let pin = try Blueprint.pin(Blueprint.puk)
        #expect(pin.isUnblockingPIN && pin.isSecurityOfficerPIN && pin.reference == 0x02)
        #expect(pin.minimumLength == 8 && pin.maximumLength == 8)
    }

    @Test(
        "lengths that no PIN has come from a damaged file",
        arguments: [
            "02 01 09 02 01 08 02 01 08 80 01 01", "02 01 04 02 01 08 02 01 41 80 01 01",
            "02 01 04 02 01 08 02 01 08 80 02 01 00",
            "02 01 FF 02 01 08 02 01 08 80 01 01", "02 05 00 FF FF FF FF 02 01 08 02 01 08",
        ])
    func damagedPINs(numbers: String) throws {
        let attributes = hex("03 02 03 08 0A 01 01") + hex(numbers)
        let bytes = BERTLV.encode(
            tag: 0x30,
            parts: [
                hex("30 03 0C 01 50"), hex("30 03 04 01 01"),
                BERTLV.encode(tag: 0xA1, BERTLV.encode(tag: 0x30, attributes)),
            ])
        #expect(throws: MalformedBytes.self) { try Blueprint.pin(bytes) }
    }

    @Test("certificates and data objects")
    func others() throws {
        let certificate = try Blueprint.certificate(Blueprint.signatureCertificate)
        #expect(
            certificate.label == "Certificat de Signature CPS" && !certificate.isAuthority && !certificate.isPrivate)
        #expect(certificate.identifier == Self.contactIdentifier + [0x01])
        #expect(certificate.value == .file(FilePath(0x0001, 0xA001), offset: 0, count: nil))
        let data = try [Blueprint.identityCard, Blueprint.cpsData, Blueprint.activity].map(Blueprint.data)
        #expect(data.map(\.label) == ["CPS_ID_CARD", "CPS_DATA", "CPS_ACTIVITY_01_PS"])
        #expect(data.map(\.isPrivate) == [false, false, true] && data.map(\.isModifiable) == [false, true, false])
        #expect(data.allSatisfy { $0.applicationName == "CPS" })
        #expect(data[2].place == .application(.file(FilePath(0x0001, 0xD120), offset: 0, count: nil)))
    }

    @Test(
        "a path is absolute, continues the application's, is empty, or is no path",
        arguments: [
            ("30 08 04 06 3F 00 00 01 A0 01", .file(FilePath(0x0001, 0xA001), offset: 0, count: nil)),
            ("30 04 04 02 A0 01", .file(FilePath(0x0001, 0xA001), offset: 0, count: nil)),
            ("30 02 04 00", PKCS15Value.none), ("30 04 04 02 3F 00", .file(FilePath(), offset: 0, count: nil)),
            ("30 0A 04 02 A0 01 02 01 05 80 01 0A", .file(FilePath(0x0001, 0xA001), offset: 5, count: 10)),
            ("30 03 04 01 3F", nil), ("30 00", nil), ("04 00", nil), ("30 05 04 03 3F 00 00", nil),
            ("30 07 04 02 A0 01 02 01 FF", nil),
        ] as [(String, PKCS15Value?)])
    func paths(bytes: String, value: PKCS15Value?) throws {
        let element = try Blueprint.element(hex(bytes))
        #expect((try? element.pathValue(in: Blueprint.application)) == value)
    }

    @Test(
        "a directory ends at padding of either kind, or at its end",
        arguments: ["", "00", "00 00 00 00", "FF FF FF", "00 30 05"])
    func padding(padding: String) {
        let file = Blueprint.identityCard + Blueprint.cpsData + hex(padding)
        let (objects, isIntact) = PKCS15Directory.decode(file) { (element) throws(MalformedBytes) in
            try DataObject(element, application: Blueprint.application)
        }
        #expect(objects.map(\.label) == ["CPS_ID_CARD", "CPS_DATA"] && isIntact)
    }

    @Test(
        "one entry that cannot be understood does not take the others with it",
        arguments: [
            "30 00", "04 02 30 00", "30 04 30 02 0C 00", "30 06 30 00 30 00 A1 00", "5F 20 01 00",
        ])
    func corruptEntry(entry: String) {
        let file = Blueprint.identityCard + hex(entry) + Blueprint.cpsData
        let (objects, isIntact) = PKCS15Directory.decode(file) { (element) throws(MalformedBytes) in
            try DataObject(element, application: Blueprint.application)
        }
        #expect(objects.map(\.label) == ["CPS_ID_CARD", "CPS_DATA"] && !isIntact)
    }

    @Test("entries before the place where a directory is cut off stay")
    func truncatedDirectory() {
        let file = Blueprint.identityCard + Blueprint.cpsData
        for count in 1..<file.count {
            let (objects, isIntact) = PKCS15Directory.decode(Array(file.prefix(count))) {
                (element) throws(MalformedBytes) in
                try DataObject(element, application: Blueprint.application)
            }
            #expect(objects.count == (count >= Blueprint.identityCard.count ? 1 : 0))
            #expect(isIntact == (count == Blueprint.identityCard.count))
        }
    }

    @Test(
        "changing any byte of any entry never traps",
        arguments: [
            Blueprint.signatureKeyCPS3, Blueprint.authenticationKeyCPS4, Blueprint.userPIN, Blueprint.puk,
            Blueprint.signatureCertificate, Blueprint.cpsData, Blueprint.activity,
        ])
    func corruption(bytes: [UInt8]) throws {
        for index in bytes.indices {
            for value in [0x00, 0x01, 0x7F, 0x80, 0x84, 0xFF, bytes[index] ^ 0x20, bytes[index] &+ 1] as [UInt8] {
                var other = bytes
                other[index] = value
                _ = try? Blueprint.key(other)
                _ = try? Blueprint.data(other)
                _ = try? Blueprint.certificate(other)
                if let pin = try? Blueprint.pin(other) {
                    let digits = secret("12345678")
                    _ = try? pin.block(for: digits).count
                }
                _ = ObjectDirectory(parsing: other, application: Blueprint.application)
                _ = try? TokenInfo(parsing: other)
            }
            let cut = Array(bytes.prefix(index))
            #expect(throws: MalformedBytes.self) { try Blueprint.key(cut) }
            #expect(throws: MalformedBytes.self) { try Blueprint.pin(cut) }
        }
    }

    @Test("the object directory names the files of each kind")
    func objectDirectory() {
        let file = hex(
            """
            A0 0A 30 08 04 06 3F 00 00 01 70 02 A1 0A 30 08 04 06 3F 00 00 01 70 04 A4 0A 30 08 04 06 3F 00 00 01 70 05 A7 0A 30
            08 04 06 3F 00 00 01 70 06 A8 0A 30 08 04 06 3F 00 00 01 70 01 00 00
            """)
        let directory = ObjectDirectory(parsing: file, application: Blueprint.application)
        #expect(
            directory.privateKeys == [FilePath(0x0001, 0x7002)] && directory.publicKeys == [FilePath(0x0001, 0x7004)])
        #expect(
            directory.certificates == [FilePath(0x0001, 0x7005)] && directory.dataObjects == [FilePath(0x0001, 0x7006)])
        #expect(directory.authenticationObjects == [FilePath(0x0001, 0x7001)])
        // An entry with an empty path is left out, an unknown kind too.
        let odd = ObjectDirectory(
            parsing: hex("A0 04 30 02 04 00 A9 06 30 04 04 02 70 09 A7 06 30 04 04 02 70 06"),
            application: Blueprint.application)
        #expect(odd.privateKeys.isEmpty && odd.dataObjects == [FilePath(0x0001, 0x7006)])
        for (count, isIntact) in [(32, true), (33, false), (1000, false)] {
            let long = ObjectDirectory(
                parsing: (0..<count).flatMap { _ in hex("A4 0A 30 08 04 06 3F 00 00 01 70 05") },
                application: Blueprint.application)
            #expect(long.certificates.count == 32 && long.isIntact == isIntact)
        }
        #expect(ObjectDirectory(parsing: [], application: Blueprint.application).isEmpty)
        #expect(ObjectDirectory(parsing: [0xFF, 0xFF], application: Blueprint.application).isEmpty)
    }

    @Test("TokenInfo with and without algorithms; the file's own serial number is ignored")
    func tokenInfo() throws {
        let minimal = hex(
            """
            30 41 02 01 00 04 08 00 00 01 99 21 38 45 0F 0C 0A 41 53 49 50 20 53 41 4E 54 45 80 11 43 50 53 33 76 33 2D 32 36 30
            30 30 30 30 30 30 31 03 02 06 C0 85 0F 32 30 31 30 30 33 31 36 31 31 30 30 30 30 5A
            """)
        let info = try TokenInfo(parsing: minimal)
        #expect(
            info.label == "CPS3v3-2600000001" && info.manufacturer == "ASIP SANTE"
                && info.lastUpdate == "20100316110000Z")
        let bare = try TokenInfo(parsing: hex("30 07 02 01 00 03 02 06 C0"))
        #expect(try bare == TokenInfo(parsing: hex("30 03 02 01 00")) && bare.label == nil)
        for malformed in ["", "30 00", "31 03 02 01 00", "30 03 04 01 00"] {
            #expect(throws: MalformedBytes.self) { try TokenInfo(parsing: hex(malformed)) }
        }
    }

    @Test("EF.DIR tells where the application with an AID is")
    func applicationDirectory() {
        let file = hex(
            """
            61 2F 4F 0D E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 50 07 43 50 58 20 49 41 53 51 04 3F 00 00 01 73 0F 4F 0D E8 28 BD
            08 0F 80 25 00 00 01 FF 00 10
            61 32 4F 0D E8 28 BD 08 0F 80 25 00 00 01 FF 00 20 50 0A 43 50 58 20 49 41 53 20 43 4C 51 04 3F 00 00 02 73 0F 4F 0D
            E8 28 BD 08 0F 80 25 00 00 01 FF 00 10
            """)
        let contact = Self.contactIdentifier
        let contactless = Array(contact.dropLast()) + [0x20]
        #expect(ApplicationDirectory.path(of: contact, in: file) == FilePath(0x0001))
        #expect(ApplicationDirectory.path(of: contactless, in: file) == FilePath(0x0002))
        #expect(ApplicationDirectory.path(of: [0xA0], in: file) == nil)
        #expect(ApplicationDirectory.path(of: contactless, in: Array(file.prefix(60))) == nil)
        #expect(ApplicationDirectory.path(of: contact, in: [0xFF]) == nil)
    }
}
