// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import HostCryptography

/// What an X.509 certificate says (RFC 5280). Nothing of it is verified here:
/// `Authorities` does that.
public struct Certificate: Sendable, Hashable {
    /// The whole certificate, DER.
    public let encoding: [UInt8]
    /// Whom the certificate is about.
    public let subject: DistinguishedName
    /// Who signed it, in the certificate's own words.
    public let issuer: DistinguishedName
    /// Hexadecimal, in capital letters; a negative one begins with `-`.
    public let serialNumber: String
    /// The first second of the validity.
    public let notBefore: UniversalTime
    /// The last second of the validity.
    public let notAfter: UniversalTime
    /// nil for a certificate that says nothing about it.
    public let keyUsage: [KeyUsage]?
    /// `clientAuth`, `emailProtection`; nil for a certificate that says nothing about it.
    public let extendedKeyUsage: [String]?
    /// Whether it may issue others (basicConstraints with CA:TRUE).
    public let isAuthority: Bool

    /// - Throws: `CertificateError.malformed` for bytes that are no certificate, or more
    ///   than one.
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
        // What is odd in its extensions was said by the results.
        ERR_clear_error()
    }

    /// Whether it has ended by now.
    public var isExpired: Bool { notAfter < .now }
    /// Whether it has yet to begin.
    public var isNotYetValid: Bool { .now < notBefore }

    /// The whole days until the certificate ends: 0 on its last one, negative after it.
    public var daysLeft: Int { daysLeft(at: .now) }

    func daysLeft(at time: UniversalTime) -> Int {
        let seconds = notAfter.secondsSince1970 - time.secondsSince1970
        return seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
    }

    /// The hash of the whole certificate, by which people compare it.
    public func fingerprint(_ algorithm: HashAlgorithm = .sha256) -> [UInt8] {
        HashContext.digest(of: encoding, with: algorithm)
    }

    /// The textual encoding (RFC 7468).
    public var pem: String { PEM.encode(encoding, label: "CERTIFICATE") }

    /// The certificate as OpenSSL works on it.
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
    /// The subject and the serial number, for failures of tests.
    public var description: String { "\(subject.text) (\(serialNumber))" }
}

/// Why certificates could not be had.
public enum CertificateError: Error, Equatable {
    /// The bytes are no certificate.
    case malformed
    /// A file or folder cannot be read; the system's error number.
    case unreadable(path: String, errno: Int32)
    /// There is no certificate in the file or folder.
    case noCertificate(path: String)
}
