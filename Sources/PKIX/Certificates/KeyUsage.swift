// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The uses of a certificate's key (RFC 5280 §4.2.1.3), by the standard's names.
public enum KeyUsage: String, Sendable, CaseIterable {
    case digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, cRLSign
    case encipherOnly, decipherOnly

    /// The flag in OpenSSL.
    private var bit: Int32 {
        switch self {
        case .digitalSignature: KU_DIGITAL_SIGNATURE
        case .nonRepudiation: KU_NON_REPUDIATION
        case .keyEncipherment: KU_KEY_ENCIPHERMENT
        case .dataEncipherment: KU_DATA_ENCIPHERMENT
        case .keyAgreement: KU_KEY_AGREEMENT
        case .keyCertSign: KU_KEY_CERT_SIGN
        case .cRLSign: KU_CRL_SIGN
        case .encipherOnly: KU_ENCIPHER_ONLY
        case .decipherOnly: KU_DECIPHER_ONLY
        }
    }

    /// The key usages of a certificate; nil if it has no such extension, empty if its extensions
    /// cannot be parsed.
    static func all(of certificate: borrowing OpenSSLObject) -> [KeyUsage]? {
        let bits = unsafe X509_get_key_usage(certificate.pointer)
        return bits == UInt32.max ? nil : allCases.filter { bits & UInt32(bitPattern: $0.bit) != 0 }
    }

    /// The names of the extended key usages (RFC 5280 §4.2.1.12): `clientAuth`,
    /// `emailProtection`; in numbers if they have no usual name.
    static func extended(of certificate: borrowing OpenSSLObject) -> [String]? {
        let list = unsafe X509_get_ext_d2i(certificate.pointer, NID_ext_key_usage, nil, nil)
        guard
            let purposes = unsafe OpenSSLObject(
                OpaquePointer(list), free: { unsafe EXTENDED_KEY_USAGE_free($0) })
        else { return nil }
        let count = unsafe cps_purposes_count(purposes.pointer)
        return (0..<max(0, count)).map { unsafe name(of: cps_purposes_at(purposes.pointer, $0)) }
    }
}
