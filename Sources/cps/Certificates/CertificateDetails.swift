// SPDX-License-Identifier: Apache-2.0

import CPSData
import HostCryptography
import Messages
import PKIX
import SmartCardBytes

/// A certificate in the JSON of every command.
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
    /// The subject in a few words: given and family name, or the pseudonym, then the number,
    /// with its kind if it is a professional's.
    var personName: Message {
        let name = ["GN", "SN", "pseudonym"].compactMap { subject[$0] }.joined(separator: " ").printable
        guard let number = subject["CN"] else {
            let text = name.isEmpty ? subject.text.printable : name
            return Message(text, fr: text)
        }
        if !name.isEmpty, let identifier = NationalIdentifier(person: number), let kind = identifier.kind.meaning {
            let begin = "\(name), \(identifier.number.printable)"
            return Message("\(begin) (\(kind.english))", fr: "\(begin) (\(kind.french))")
        }
        let text = [name, number.printable].filter { !$0.isEmpty }.joined(separator: " ")
        return Message(text, fr: text)
    }

    /// The subject's title: the profession; on cards of establishments, which have an
    /// organisation, the kind of card.
    var title: (name: Message, text: String)? {
        guard let text = subject["title"]?.printable else { return nil }
        return (subject["OU"] == nil ? Message("Profession", fr: "Profession") : Message("Title", fr: "Intitulé"), text)
    }
}

extension DistinguishedName {
    /// The common name, or the whole name if there is none.
    var commonName: String { (self["CN"] ?? text).printable }
}
