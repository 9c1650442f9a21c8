// SPDX-License-Identifier: Apache-2.0

import Messages
import PKIX
import SmartCardBytes

/// A certificate of the card and its remaining validity.
struct CertificateReport: Encodable {
    let label: String
    let use: CardCertificate.Use
    let state: State
    /// ISO 8601, UTC.
    let notBefore: String?
    let notAfter: String?
    /// Whole days until the end; negative after it.
    let daysLeft: Int?
    let subject: String?
    let issuer: String?
    private let content: Certificate?

    private enum CodingKeys: String, CodingKey {
        case label, use, state, notBefore, notAfter, daysLeft, subject, issuer
    }

    enum State: String, Encodable {
        case valid, expired, notYetValid, unreadable
    }

    init(_ certificate: CardCertificate) {
        label = certificate.object.label
        use = certificate.use
        content = certificate.certificate
        notBefore = content?.notBefore.iso8601
        notAfter = content?.notAfter.iso8601
        daysLeft = content?.daysLeft
        subject = content?.subject.text
        issuer = content?.issuer.text
        state =
            switch content {
            case nil: .unreadable
            case let content? where content.isExpired: .expired
            case let content? where content.isNotYetValid: .notYetValid
            default: .valid
            }
    }

    /// The validity in one sentence.
    var sentence: StyledText {
        let end = content?.notAfter.day ?? Message("", fr: "")
        let message: Message
        let style: StyledText.Style
        switch state {
        case .unreadable:
            message = Message("cannot be read", fr: "illisible")
            style = .bad
        case .expired:
            message = Message("EXPIRED on \(end.english)", fr: "EXPIRÉ depuis le \(end.french)")
            style = .bad
        case .notYetValid:
            let begin = content?.notBefore.day ?? Message("", fr: "")
            message = Message(
                "NOT YET VALID, valid from \(begin.english)", fr: "PAS ENCORE VALABLE, à partir du \(begin.french)")
            style = .bad
        case .valid:
            let left = content?.remainingDays ?? Message("", fr: "")
            message = Message("until \(end.english), \(left.english)", fr: "jusqu'au \(end.french), \(left.french)")
            style = content?.endsSoon == true ? .warning : .good
        }
        return StyledText(message.text, style)
    }

    /// The name of the use, for the start of a line.
    var name: Message {
        switch use {
        case .authentication: Message("Authentication", fr: "Authentification")
        case .signature: Message("Signature", fr: "Signature")
        case .technical: Message("Technical certificate", fr: "Certificat technique")
        }
    }
}

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
