// SPDX-License-Identifier: Apache-2.0

import Messages
import PKIX

/// The verdict on one signer, in words.
struct SignerStatement {
    let signer: Signer
    let judgement: Judgement
    /// The known authorities.
    let authorities: Authorities
    /// The counter-signers of this signature.
    let counterSignatures: [SignerStatement]

    /// - Parameter certificates: the certificates in the signature.
    init(_ signer: Signer, by judge: Judge, with certificates: [Certificate], _ authorities: Authorities) {
        self.signer = signer
        self.authorities = authorities
        judgement = judge.judge(signer, with: certificates)
        counterSignatures = signer.counterSignatures.map {
            SignerStatement($0, by: judge, with: certificates, authorities)
        }
    }

    /// The verdict on a file, in one line.
    /// - Parameter place: the signer's number and the number of signers; nil for the only one.
    func heading(of file: String, _ place: (number: Int, count: Int)?) -> StyledText {
        let (message, style) = heading(of: file.printable)
        guard let place else { return StyledText(message.text, style) }
        let (number, count) = place
        return StyledText(
            Message("\(message.english) (\(number) of \(count))", fr: "\(message.french) (\(number) sur \(count))")
                .text,
            style)
    }

    private func heading(of file: String) -> (Message, StyledText.Style) {
        switch judgement.verdict {
        case .valid:
            (Message("\(file): valid signature", fr: "\(file) : signature valable"), .good)
        case .notEstablished where judgement.reason.isUnreadable:
            (
                Message("\(file): signature that cannot be judged", fr: "\(file) : signature impossible à juger"),
                .warning
            )
        case .notEstablished:
            (
                Message(
                    "\(file): exact signature, signer not established",
                    fr: "\(file) : signature exacte, signataire non établi"),
                .warning
            )
        case .notValid:
            (Message("\(file): NO valid signature", fr: "\(file) : signature NON valable"), .bad)
        }
    }

    /// Adds the reason for the verdict, and what is known of signer, time and certificate.
    func describe(on page: inout Page) {
        page.paragraph(StyledText(judgement.reason.message.text, judgement.verdict == .valid ? .plain : .warning))
        if let remedy { page.paragraph(remedy) }
        if let certificate = signer.certificate {
            page.field(Message("Signed by", fr: "Signé par"), "\(certificate.personName.text)")
            if let title = certificate.title { page.field(title.name, "\(title.text)") }
        }
        let time = signer.time.map { time in
            let moment = time.moment
            return StyledText(
                Message(
                    "\(moment.english), by the signer's computer",
                    fr: "\(moment.french), d'après l'ordinateur du signataire"
                ).text)
        }
        page.field(
            Message("Signed on", fr: "Signé le"),
            time ?? StyledText(Message("not stated", fr: "non précisé").text, .faint))
        if let timeStamp = judgement.timeStamp {
            page.field(Message("Time stamp", fr: "Horodatage"), timeStamp.statement)
        }
        if let certificate = signer.certificate { describe(certificate, on: &page) }
        describeCounterSignatures(on: &page)
    }

    private func describe(_ certificate: Certificate, on page: inout Page) {
        page.field(
            Message("Certificate", fr: "Certificat"),
            StyledText(
                Message(
                    "\(certificate.serialNumber), from \(certificate.notBefore.day.english) to \(certificate.notAfter.day.english)",
                    fr:
                        "\(certificate.serialNumber), du \(certificate.notBefore.day.french) au \(certificate.notAfter.day.french)"
                ).text))
        page.field(Message("Issued by", fr: "Émis par"), "\(certificate.issuer.commonName)")
        if let root = judgement.chain?.certificates.last, root != certificate {
            page.field(Message("Authority", fr: "Autorité"), "\(root.subject.commonName)")
        }
        if certificate.claimedBranch == .test {
            page.field(
                Message("Card", fr: "Carte"),
                StyledText(
                    Message("for tests, stands for no real person", fr: "de test, ne représente aucune personne réelle")
                        .text, .warning))
        }
        page.field(Message("Revocation", fr: "Révocation"), judgement.revocation.statement)
    }

    private func describeCounterSignatures(on page: inout Page) {
        let name = Message("Countersigned", fr: "Contresignée")
        for statement in counterSignatures { page.field(name, statement.counterSignature) }
        switch signer.unreadCounterSignatures {
        case 0: break
        case 1:
            page.field(
                name,
                StyledText(
                    Message("by one that cannot be judged", fr: "par une contre-signature impossible à juger").text,
                    .warning))
        case let count:
            page.field(
                name,
                StyledText(
                    Message(
                        "by \(count) that cannot be judged", fr: "par \(count) contre-signatures impossibles à juger"
                    ).text, .warning))
        }
    }

    /// The value of the field of a counter-signature: who, when, and the verdict.
    private var counterSignature: StyledText {
        let person = signer.certificate?.personName ?? Message("somebody unknown", fr: "un inconnu")
        let time = signer.time.map { Message(", \($0.moment.english)", fr: ", \($0.moment.french)") }
        let (verdict, style): (Message, StyledText.Style) =
            switch judgement.verdict {
            case .valid: (Message("valid", fr: "valable"), .plain)
            case .notEstablished where judgement.reason.isUnreadable:
                (Message("cannot be judged", fr: "impossible à juger"), .warning)
            case .notEstablished:
                (Message("exact, signer not established", fr: "exacte, signataire non établi"), .warning)
            case .notValid: (Message("NOT valid, it does not count", fr: "NON valable, elle ne compte pas"), .warning)
            }
        return StyledText(
            Message(
                "by \(person.english)\(time?.english ?? ""): \(verdict.english)",
                fr: "par \(person.french)\(time?.french ?? "") : \(verdict.french)"
            ).text, style)
    }
}

extension Judgement.Reason {
    /// Whether nothing could be verified.
    fileprivate var isUnreadable: Bool { self == .certificateMissing || self == .unknownAlgorithm }
}

extension SignerStatement {
    private var remedy: Message? {
        guard judgement.reason == .unknownAuthority, let certificate = signer.certificate else {
            return judgement.reason.remedy
        }
        return UnknownAuthority.remedy(for: certificate, authorities)
    }
}

extension Revocation {
    /// The value of its field.
    fileprivate var statement: StyledText {
        switch self {
        case .notChecked: StyledText(Message("not checked", fr: "non vérifiée").text, .faint)
        case .outdated(let time):
            StyledText(
                Message(
                    "not known: the list of \(time.moment.english) is out of date",
                    fr: "inconnue : la liste du \(time.moment.french) n'est plus à jour"
                ).text, .warning)
        case .good(let time):
            StyledText(Message("none by \(time.moment.english)", fr: "aucune au \(time.moment.french)").text)
        case .revoked(_, let time):
            StyledText(Message("on \(time.moment.english)", fr: "le \(time.moment.french)").text, .warning)
        }
    }
}

extension TimeStamp {
    /// The value of its field.
    fileprivate var statement: StyledText {
        guard standing != .wrong, let time, let certificate else {
            return StyledText(
                Message("wrong: it does not count", fr: "faux : il ne compte pas").text, .warning)
        }
        let (moment, name) = (time.moment, certificate.subject.commonName)
        guard standing == .trusted else {
            return StyledText(
                Message(
                    "\(moment.english), by \(name), for whom no known authority vouches (--timestamp-authorities)",
                    fr:
                        "\(moment.french), par \(name), dont personne de connu ne se porte garant (--timestamp-authorities)"
                ).text, .warning)
        }
        return StyledText(Message("\(moment.english), by \(name)", fr: "\(moment.french), par \(name)").text)
    }
}
