// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography
import SmartCardBytes

/// One object of a token, under one handle.
final class TokenObject: Sendable {
    enum Kind: Sendable {
        case privateKey(KeyObject, CertificateValue?)
        case publicKey(PublicKey)
        case certificate(CertificateObject, CertificateValue)
        case data(DataObject, DataValue)
        case profile(CK_ULONG)

        /// CKA_UNIQUE_ID on the card of this serial number.
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

    /// A public key: announced by a directory, or known from a certificate only.
    struct PublicKey: Sendable {
        var label: String
        var identifier: [UInt8]
        var modulusLength: Int
        /// Whether the private key decrypts, so that encrypting to it is of use.
        var canEncrypt: Bool
        /// Whether the private key signs ready hashes only, and puts bare ones into their
        /// DigestInfo.
        var completesHashes: Bool
        var certificate: CertificateValue?
    }

    let handle: CK_OBJECT_HANDLE
    let kind: Kind
    /// CKA_UNIQUE_ID: the same for the same object of the same card, always.
    let uniqueIdentifier: String

    /// - Parameter others: those whose unique identifiers are taken.
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

    /// CKA_PRIVATE: whether the object shows to a logged-in user only.
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
