// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import HostCryptography

/// A parsed X.509 certificate (RFC 5280). Not verified here: `Authorities` does that.
public struct Certificate: Sendable, Hashable {
    /// The whole certificate, DER.
    public let encoding: [UInt8]
    /// The holder of the key.
    public let subject: DistinguishedName
    /// The issuer's name in the certificate.
    public let issuer: DistinguishedName
    /// Upper-case hexadecimal; a negative number begins with `-`.
    public let serialNumber: String
    /// The first second of the validity.
    public let notBefore: UniversalTime
    /// The last second of the validity.
    public let notAfter: UniversalTime
    /// nil if the certificate has no such extension.
    public let keyUsage: [KeyUsage]?
    /// `clientAuth`, `emailProtection`; nil if the certificate has no such extension.
    public let extendedKeyUsage: [String]?
    /// Whether it may issue certificates (basicConstraints with CA:TRUE).
    public let isAuthority: Bool

    /// - Parameter encoding: exactly one certificate, DER.
    /// - Throws: `CertificateError.malformed` otherwise.
    public init(encoding: [UInt8]) throws(CertificateError) {
        guard let certificate = Certificate.object(encoding),
            let notBefore = unsafe UniversalTime(X509_get0_notBefore(certificate.pointer)),
            let notAfter = unsafe UniversalTime(X509_get0_notAfter(certificate.pointer))
        else { throw .malformed }
        self.encoding = encoding
        self.notBefore = notBefore
        self.notAfter = notAfter
        subject = unsafe DistinguishedName(X509_get_subject_name(certificate.pointer))
        issuer = unsafe DistinguishedName(X509_get_issuer_name(certificate.pointer))
        serialNumber = unsafe Certificate.hexadecimal(X509_get0_serialNumber(certificate.pointer))
        keyUsage = KeyUsage.all(of: certificate)
        extendedKeyUsage = KeyUsage.extended(of: certificate)
        isAuthority = unsafe X509_check_ca(certificate.pointer) == 1
        // Errors in extensions are already reflected in the results.
        ERR_clear_error()
    }

    /// Whether it has expired.
    public var isExpired: Bool { notAfter < .now }
    /// Whether its validity has not begun.
    public var isNotYetValid: Bool { .now < notBefore }

    /// Whole days until the end: 0 on the last day, negative after it.
    public var daysLeft: Int { daysLeft(at: .now) }

    func daysLeft(at time: UniversalTime) -> Int {
        let seconds = notAfter.secondsSince1970 - time.secondsSince1970
        return seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
    }

    /// The hash of the whole certificate.
    public func fingerprint(_ algorithm: HashAlgorithm = .sha256) -> [UInt8] {
        HashContext.digest(of: encoding, with: algorithm)
    }

    /// The textual encoding (RFC 7468).
    public var pem: String { PEM.encode(encoding, label: "CERTIFICATE") }

    /// The certificate as an OpenSSL object.
    var object: OpenSSLObject? { Certificate.object(encoding) }

    private static func object(_ encoding: [UInt8]) -> OpenSSLObject? {
        unsafe decoded(encoding, free: { unsafe X509_free($0) }) { unsafe d2i_X509(nil, $0, $1) }
    }

    private static func hexadecimal(_ number: UnsafePointer<ASN1_INTEGER>?) -> String {
        guard let big = unsafe OpenSSLObject(ASN1_INTEGER_to_BN(number, nil), free: { unsafe BN_free($0) }),
            let text = unsafe BN_bn2hex(big.pointer)
        else { return "" }
        defer { unsafe cps_free(text) }
        return unsafe String(cString: text)
    }
}

extension Certificate: CustomStringConvertible {
    /// The subject and the serial number, for test output.
    public var description: String { "\(subject.text) (\(serialNumber))" }
}

/// Why certificates could not be read.
public enum CertificateError: Error, Equatable {
    /// The bytes are not a certificate.
    case malformed
    /// A file or folder cannot be read; errno.
    case unreadable(path: String, errno: Int32)
    /// There is no certificate in the file or folder.
    case noCertificate(path: String)
}
