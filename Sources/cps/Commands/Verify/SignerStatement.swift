// SPDX-License-Identifier: Apache-2.0

import Messages
import PKIX

/// What can be said of one signer, in words.
struct SignerStatement {
    let signer: Signer
    let judgement: Judgement
    /// By which it was judged.
    let authorities: Authorities

    /// The verdict on a file, in one line.
    func heading(of file: String) -> StyledText {
        let file = file.printable
        let (message, style): (Message, StyledText.Style) =
            switch judgement.verdict {
            case .valid:
                (Message("\(file): valid signature", fr: "\(file) : signature valable"), .good)
            case .notEstablished where judgement.reason == .certificateMissing:
                (
                    Message(
                        "\(file): signature that cannot be judged", fr: "\(file) : signature impossible à juger"),
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
        return StyledText(message.text, style)
    }

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
            time ?? StyledText(Message("not said", fr: "non précisé").text, .faint))
        if let timeStamp = judgement.timeStamp {
            page.field(Message("Time stamp", fr: "Horodatage"), timeStamp.statement)
        }
        guard let certificate = signer.certificate else { return }
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
    /// In words, behind the name of the field.
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
    /// In words, behind the name of the field.
    fileprivate var statement: StyledText {
        guard standing != .wrong, let time, let certificate else {
            return StyledText(
                Message("wrong: it does not count", fr: "faux : il ne compte pas").text, .warning)
        }
        let (moment, name) = (time.moment, certificate.subject.commonName)
        guard standing == .trusted else {
            return StyledText(
                Message(
                    "\(moment.english), by \(name), for whom nobody known vouches (--timestamp-authorities)",
                    fr:
                        "\(moment.french), par \(name), dont personne de connu ne se porte garant (--timestamp-authorities)"
                ).text, .warning)
        }
        return StyledText(Message("\(moment.english), by \(name)", fr: "\(moment.french), par \(name)").text)
    }
}
