// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography
import SmartCardBytes

/// One object of a token, with its handle.
final class TokenObject: Sendable {
    enum Kind: Sendable {
        case privateKey(KeyObject, CertificateValue?)
        case publicKey(PublicKey)
        case certificate(CertificateObject, CertificateValue)
        case data(DataObject, DataValue)
        case profile(CK_ULONG)

        /// CKA_UNIQUE_ID on the card with this serial number.
        func uniqueIdentifier(_ serialNumber: SerialNumber) -> String {
            let name =
                switch self {
                case .privateKey(let key, _): "private-key-" + Hexadecimal.encode(key.identifier)
                case .publicKey(let key): "public-key-" + Hexadecimal.encode(key.identifier)
                case .certificate(let certificate, _): "certificate-" + Hexadecimal.encode(certificate.identifier)
                case .data(let object, _): "data-" + object.label
                case .profile(let profile): "profile-\(profile)"
                }
            return serialNumber.digits + "-" + name
        }
    }

    /// A public key, from its directory or only from a certificate.
    struct PublicKey: Sendable {
        var label: String
        var identifier: [UInt8]
        var modulusLength: Int
        /// Whether the private key decrypts, so that encryption is useful.
        var canEncrypt: Bool
        /// Whether the private key signs only complete hashes, and adds the DigestInfo to a bare one.
        var completesHashes: Bool
        var certificate: CertificateValue?
    }

    let handle: CK_OBJECT_HANDLE
    let kind: Kind
    /// CKA_UNIQUE_ID: always the same for the same object of the same card.
    let uniqueIdentifier: String

    /// - Parameter others: the objects whose unique identifiers are already used.
    init(handle: CK_OBJECT_HANDLE, kind: Kind, serialNumber: SerialNumber, besides others: [TokenObject] = []) {
        self.handle = handle
        self.kind = kind
        let first = kind.uniqueIdentifier(serialNumber)
        var unique = first
        var number = 2
        while others.contains(where: { $0.uniqueIdentifier == unique }) {
            unique = first + "-\(number)"
            number += 1
        }
        uniqueIdentifier = unique
    }

    var objectClass: CK_OBJECT_CLASS {
        switch kind {
        case .privateKey: CKO_PRIVATE_KEY
        case .publicKey: CKO_PUBLIC_KEY
        case .certificate: CKO_CERTIFICATE
        case .data: CKO_DATA
        case .profile: CKO_PROFILE
        }
    }

    /// CKA_PRIVATE: whether the object is visible only to a logged-in user.
    var isPrivate: Bool {
        switch kind {
        case .privateKey(let key, _): key.isPrivate
        case .certificate(let certificate, _): certificate.isPrivate
        case .data(let object, _): object.isPrivate
        case .publicKey, .profile: false
        }
    }

    var label: String? {
        switch kind {
        case .privateKey(let key, _): key.label
        case .publicKey(let key): key.label
        case .certificate(let certificate, _): certificate.label
        case .data(let object, _): object.label
        case .profile: nil
        }
    }
}
