// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Foundation
import HostCryptography
import Testing

@testable import Cryptoki

/// The numbers of the standard, as numbers: a test that compares names with names does not
/// notice a wrong one.
@Suite struct NumberTests {
    private static let returnCodes: [(CryptokiError, CK_RV)] = [
        (.hostMemory, 0x02), (.slotIDInvalid, 0x03), (.functionFailed, 0x06),
        (.argumentsBad, 0x07), (.noEvent, 0x08), (.attributeReadOnly, 0x10), (.attributeSensitive, 0x11),
        (.attributeTypeInvalid, 0x12), (.attributeValueInvalid, 0x13), (.dataInvalid, 0x20),
        (.dataLengthRange, 0x21), (.deviceError, 0x30), (.deviceRemoved, 0x32), (.encryptedDataInvalid, 0x40),
        (.encryptedDataLengthRange, 0x41), (.functionCanceled, 0x50), (.functionNotParallel, 0x51),
        (.functionNotSupported, 0x54), (.keyHandleInvalid, 0x60), (.keyTypeInconsistent, 0x63),
        (.mechanismInvalid, 0x70), (.mechanismParameterInvalid, 0x71), (.objectHandleInvalid, 0x82),
        (.operationActive, 0x90), (.operationNotInitialized, 0x91), (.pinIncorrect, 0xA0), (.pinInvalid, 0xA1),
        (.pinLengthRange, 0xA2), (.pinLocked, 0xA4), (.sessionHandleInvalid, 0xB3),
        (.sessionParallelNotSupported, 0xB4), (.sessionReadOnly, 0xB5), (.sessionExists, 0xB6),
        (.sessionReadOnlyExists, 0xB7), (.sessionReadWriteSOExists, 0xB8), (.signatureInvalid, 0xC0),
        (.signatureLengthRange, 0xC1), (.tokenNotPresent, 0xE0), (.tokenNotRecognized, 0xE1),
        (.userAlreadyLoggedIn, 0x100), (.userNotLoggedIn, 0x101), (.userPINNotInitialized, 0x102),
        (.userTypeInvalid, 0x103), (.userAnotherAlreadyLoggedIn, 0x104), (.randomSeedNotSupported, 0x120),
        (.bufferTooSmall(needed: 1), 0x150), (.cryptokiNotInitialized, 0x190),
        (.cryptokiAlreadyInitialized, 0x191), (.sessionAsyncNotSupported, 0x205),
        (.cardUpdateInterrupted, 0x8000_0001),
    ]

    @Test("each error has the return code of the standard")
    func returnCodes() throws {
        for (error, number) in Self.returnCodes { #expect(error.code == number, "\(error)") }
        // All of them: what the enumeration has is read from its source.
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let source = try String(
            contentsOf: root.appendingPathComponent("Sources/Cryptoki/CryptokiError.swift"), encoding: .utf8)
        let cases = source.split(separator: "\n").count { $0.hasPrefix("    case ") }
        #expect(cases == Self.returnCodes.count)
        // A row is (CKR_X, "CKR_X"); the codes that p11-kit's header lacks are numbers.
        for row in source.split(separator: "\n") where row.contains(": (CKR_") {
            let words = row.split { $0 != "_" && !$0.isLetter && !$0.isNumber }.filter { $0.hasPrefix("CKR_") }
            #expect(words.count == 2 && words.first == words.last, "\(row)")
        }
    }

    @Test("each error has a name that a trace shows")
    func names() {
        #expect(CryptokiError.pinIncorrect.name.description == "CKR_PIN_INCORRECT")
        let names = Set(Self.returnCodes.map(\.0.name.description))
        #expect(names.count == Self.returnCodes.count && names.allSatisfy { $0.hasPrefix("CKR_") })
    }

    @Test(
        "each hash has the mechanisms and the mask generation function of the standard",
        arguments: [
            (.sha1, 0x220, 0x06, 0x0E, 1), (.sha224, 0x255, 0x46, 0x47, 5), (.sha256, 0x250, 0x40, 0x43, 2),
            (.sha384, 0x260, 0x41, 0x44, 3), (.sha512, 0x270, 0x42, 0x45, 4),
        ] as [(HashAlgorithm, CK_MECHANISM_TYPE, CK_MECHANISM_TYPE, CK_MECHANISM_TYPE, CK_ULONG)])
    func mechanisms(
        hash: HashAlgorithm, digest: CK_MECHANISM_TYPE, pkcs1: CK_MECHANISM_TYPE, pss: CK_MECHANISM_TYPE,
        mask: CK_ULONG
    ) {
        #expect(hash.digestMechanism == digest && hash.pkcs1Mechanism == pkcs1 && hash.pssMechanism == pss)
        #expect(hash.maskGenerationFunction == mask)
        #expect(HashAlgorithm(digestMechanism: digest) == hash)
    }

    @Test("the mechanisms without a hash have the numbers of the standard")
    func bareMechanisms() throws {
        #expect(try Mechanism(type: 1).signatureMechanism() == .pkcs1)
        // CK_RSA_PKCS_PSS_PARAMS: SHA-256, MGF1 over SHA-256, 32 bytes of salt.
        let pss = Mechanism(type: 0x0D, parameter: AttributeValue.numbers([0x250, 2, 32]))
        #expect(try pss.signatureMechanism() == .pss(.sha256))
    }

    @Test("what a verification is asked for is taken, and a signature only what the card does")
    func verification() throws {
        for (mask, salt) in [(2, 20), (1, 32), (2, 0), (5, 222)] as [(CK_ULONG, CK_ULONG)] {
            let mechanism = Mechanism(type: 0x43, parameter: AttributeValue.numbers([0x250, mask, salt]))
            let parameters = try #require(try mechanism.verificationMechanism().pss)
            #expect(parameters.hash == .sha256 && parameters.saltLength == Int(salt))
            #expect(parameters.maskHash.maskGenerationFunction == mask)
            #expect(throws: CryptokiError.mechanismParameterInvalid) { try mechanism.signatureMechanism() }
        }
        for numbers in [[0x250, 0, 32], [0x250, 6, 32], [0x250, 2, .max], [0x251, 2, 32]] as [[CK_ULONG]] {
            let mechanism = Mechanism(type: 0x43, parameter: AttributeValue.numbers(numbers))
            #expect(throws: CryptokiError.mechanismParameterInvalid) { try mechanism.verificationMechanism() }
        }
    }
}
