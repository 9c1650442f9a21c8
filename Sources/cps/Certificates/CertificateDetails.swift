import HostCryptography
import Messages
import PKIX
import SmartCardBytes

/// A certificate in the reports of every command.
struct CertificateDetails: Encodable {
    let subject: String
    let issuer: String
    let serialNumber: String
    let notBefore: String
    let notAfter: String
    /// Hexadecimal.
    let sha256: String

    init(_ certificate: Certificate) {
        subject = certificate.subject.text
        issuer = certificate.issuer.text
        serialNumber = certificate.serialNumber
        notBefore = certificate.notBefore.iso8601
        notAfter = certificate.notAfter.iso8601
        sha256 = Hexadecimal.encode(certificate.fingerprint())
    }
}

extension Certificate {
    /// Whom it is about, in a few words: given name, family name and number, as far as
    /// it has them.
    var personName: String {
        let parts = ["GN", "SN", "CN"].compactMap { subject[$0] }
        return parts.isEmpty ? subject.text.printable : parts.joined(separator: " ").printable
    }
}
