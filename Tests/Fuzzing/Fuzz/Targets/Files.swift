// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes
import VirtualCPSTestSupport

@testable import CPSCard

/// The files of the PKCS#15 application and beside it.
extension FuzzTarget {
    static let files = [
        FuzzTarget("IdentityFiles", seeds: { $0.identityFiles + [updateLog] }) { bytes in
            if let number = try? SerialNumber(parsing: bytes) {
                expect(number.digits.utf8.count == 8, "a serial number has eight digits")
            }
            _ = try? UpdateLog(parsing: bytes)
            _ = ApplicationDirectory.path(of: applicationIdentifier, in: bytes)
            _ = try? TokenInfo(parsing: bytes)
            _ = CardFingerprint(cps4: bytes)
        },
        FuzzTarget("ObjectDirectory", seeds: { $0.files(.objectDirectory) }) { bytes in
            let directory = ObjectDirectory(parsing: bytes, application: application)
            let standard = ObjectDirectory.standard(in: application, contactless: false)
            expect(directory.completed(by: standard).isWhole, "the standard directory completes any other")
        },
        FuzzTarget("KeyDirectory", seeds: { $0.files(.privateKeys) + $0.files(.publicKeys) }, readKeys),
        FuzzTarget("CertificateDirectory", seeds: { $0.files(.certificates) }) { bytes in
            readExtents(bytes)
            _ = PKCS15Directory.decode(bytes) { (element) throws(MalformedBytes) in
                try CertificateObject(element, application: application)
            }
        },
        FuzzTarget("DataDirectory", seeds: { $0.files(.dataObjects) }) { bytes in
            let (objects, _) = PKCS15Directory.decode(bytes) { (element) throws(MalformedBytes) in
                try DataObject(element, application: application)
            }
            _ = DataObject.cps2terObjects(besides: objects)
        },
        FuzzTarget("AuthenticationDirectory", seeds: { $0.files(.authenticationObjects) }) { bytes in
            let (objects, _) = PKCS15Directory.decode(bytes) { (element) throws(MalformedBytes) in
                try PINObject(element, application: application)
            }
            for pin in objects {
                _ = pin.canBeTyped
                for length in 0...12 { _ = try? pin.block(for: SecretBytes([UInt8](repeating: 0x31, count: length))) }
            }
        },
    ]

    private static let application = FilePath(0x0001)

    private static let applicationIdentifier: [UInt8] = [
        0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x10,
    ]
    /// The virtual cards were never updated.
    private static let updateLog = hex("EC12 8107 20261122081210 8207 20261122081215")

    @Sendable private static func readKeys(_ bytes: [UInt8]) {
        readExtents(bytes)
        let (keys, _) = PKCS15Directory.decode(bytes) { (element) throws(MalformedBytes) in
            try KeyObject(element, application: application)
        }
        let digest = [UInt8](repeating: 7, count: 32)
        for key in keys {
            for model in CardModel.allCases {
                for mechanism in SigningRules.mechanisms(for: key, on: model) {
                    _ = try? SigningRules.operation(for: mechanism, of: .data(digest), with: key, on: model)
                    _ = SigningRules.paddedData(for: mechanism, of: .data(digest), with: key)
                }
            }
        }
    }

    /// How much of a file is still wanted after these bytes of it.
    private static func readExtents(_ bytes: [UInt8]) {
        for extent in [FileExtent.whole, .bytes(12), .firstElement, .elements, .certificateFields] {
            _ = extent.missing(after: bytes)
        }
    }
}
