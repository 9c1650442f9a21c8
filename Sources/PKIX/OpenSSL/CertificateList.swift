// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A list of certificates for OpenSSL.
struct CertificateList: ~Copyable {
    let list: OpenSSLObject

    init?(_ certificates: [Certificate]) {
        guard let list = unsafe OpenSSLObject(cps_certificates_new(), free: { unsafe cps_certificates_free($0) })
        else { return nil }
        for certificate in certificates {
            guard let object = certificate.object, unsafe cps_certificates_add(list.pointer, object.pointer) == 1
            else { return nil }
        }
        self.list = list
    }

    static func certificates(in list: OpaquePointer?) -> [Certificate] {
        let count = unsafe cps_certificates_count(list)
        return (0..<max(0, count)).compactMap { index in
            guard let object = unsafe cps_certificates_at(list, index) else { return nil }
            return unsafe Certificate(object)
        }
    }
}

extension Certificate {
    /// Copies a certificate from OpenSSL.
    init?(_ object: OpaquePointer) {
        guard let bytes = unsafe encoded({ unsafe i2d_X509(object, $0) }),
            let certificate = try? Certificate(encoding: bytes)
        else { return nil }
        self = certificate
    }
}
