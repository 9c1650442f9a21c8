// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Glibc
import Messages
import PKIX

/// `cps cert export`: writes certificates in PEM or DER.
struct CertExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: Message(
            "Write certificates of the card, in PEM or DER.", fr: "Écrit des certificats de la carte, en PEM ou DER."
        ).text)

    @Option(
        help: ArgumentHelp(
            Message(
                "signature or authentication; all of them if not given.",
                fr: "signature ou authentication (authentification) ; tous par défaut."
            ).text,
            valueName: Message("key", fr: "clé").text))
    var key: KeyChoice?

    enum Form: String, EnumerableFlag {
        case pem, der

        static func help(for value: Form) -> ArgumentHelp? {
            switch value {
            case .pem:
                ArgumentHelp(
                    Message("As text; any number of certificates.", fr: "En texte ; plusieurs certificats possibles.")
                        .text)
            case .der: ArgumentHelp(Message("In binary; one certificate.", fr: "En binaire ; un seul certificat.").text)
            }
        }
    }

    @Flag var form = Form.pem

    @Flag(
        help: ArgumentHelp(
            Message(
                "Add the certificates up to the authority.", fr: "Ajoute les certificats jusqu'à l'autorité."
            ).text))
    var chain = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var authorities: AuthorityOptions
    @OptionGroup var reader: ReaderChoice

    func validate() throws {
        if form == .der, key == nil || chain {
            throw ValidationError(
                Message(
                    "DER holds one certificate: choose it with --key, and leave --chain out.",
                    fr: "Le DER contient un seul certificat : choisissez-le avec --key, sans --chain."
                ).text)
        }
    }

    func run() throws {
        let place = try OutputFile(output)
        if form == .der, place.path == nil, isatty(STDOUT_FILENO) == 1 {
            throw Failure(
                .usage,
                Message(
                    "DER is not written to a terminal: give a file with --output.",
                    fr: "Un terminal n'affiche pas de DER : indiquez un fichier avec --output."))
        }
        let known = try authorities.read()
        let own = try Readers().withCard(chosenBy: reader) { card, _ in
            let contents = try card.readKeysAndCertificates(of: try card.readIdentity())
            let objects = try key.map { [try $0.find(in: contents).certificate] } ?? contents.certificates
            return try objects.map { try card.readParsedCertificate($0) }
        }
        guard !own.isEmpty else {
            throw Failure(.notPossible, Message("The card has no certificate.", fr: "La carte n'a pas de certificat."))
        }
        let all = chain ? try own.flatMap { try whole($0, known) } : own
        switch form {
        case .der: try place.write(all.flatMap(\.encoding))
        case .pem:
            // The chains of two certificates share authorities: write each once.
            let once = all.enumerated().filter { index, certificate in !all[..<index].contains(certificate) }
            try place.write(Array(once.map(\.element.pem).joined().utf8))
        }
    }

    /// A certificate and its authorities.
    private func whole(_ certificate: Certificate, _ known: Authorities) throws(Failure) -> [Certificate] {
        let chain = known.chain(of: certificate)
        guard chain.certificates.count > 1 else {
            let issuer = certificate.issuer.commonName
            throw Failure(
                .negative,
                Message(
                    "The authority that issued the certificate is not known here: \(issuer).",
                    fr: "L'autorité qui a émis le certificat n'est pas connue ici : \(issuer)."),
                remedy: UnknownAuthority.remedy(for: certificate, known))
        }
        return chain.certificates
    }
}

/// `cps cert`: the card's certificates.
struct CertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert",
        abstract: Message("The card's certificates.", fr: "Les certificats de la carte.").text,
        subcommands: [CertExportCommand.self])
}
