// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages
import PKIX

/// `cps verify`: verifies the signatures of a document.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: Message(
            "Verify a CMS signature of a file: who, when, valid or not.",
            fr: "Vérifie la signature CMS d'un fichier : qui, quand, valable ou non."
        ).text,
        discussion: Message(
            """
            The signature is FILE.p7s, or FILE itself if that holds both signature and document (.p7m). The exit status \
            is 0 for a valid signature, 10 for one that is exact while the signer cannot be established, 1 for one that \
            is not valid. Of several signers the worst one counts. Revocation is looked up in the lists on this \
            computer; --online asks the authorities.
            """,
            fr: """
                La signature est FICHIER.p7s, ou FICHIER lui-même s'il contient la signature et le document (.p7m). Se \
                termine par 0 si la signature est valable, par 10 si elle est exacte mais qu'il manque de quoi établir \
                le signataire, par 1 si elle n'est pas valable. De plusieurs signataires, le moins bon compte. La \
                révocation est cherchée dans les listes présentes ; --online interroge les autorités.
                """
        ).text)

    @Argument(
        help: ArgumentHelp(
            Message("The signed file.", fr: "Le fichier signé.").text, valueName: Message("file", fr: "fichier").text))
    var file: String

    @Argument(
        help: ArgumentHelp(
            Message(
                "Its signature. If not given: FILE.p7s, or FILE itself.",
                fr: "Sa signature. Par défaut : FICHIER.p7s, ou FICHIER lui-même."
            ).text,
            valueName: Message("signature", fr: "signature").text))
    var signature: String?

    @OptionGroup var authorities: AuthorityOptions
    @Option(
        name: .customLong("timestamp-authorities"),
        help: ArgumentHelp(
            Message(
                "Authorities that you trust for time stamps: a file or folder. Without it: \(Authorities.timeStampFolder).",
                fr:
                    "Qui peut se porter garant d'un horodatage : un fichier ou dossier. Sans cela : \(Authorities.timeStampFolder)."
            ).text,
            valueName: Message("path", fr: "chemin").text))
    var timeStampAuthorities: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            Message(
                "Write the document that the signature holds to this file, unless it is not valid; - is standard output.",
                fr:
                    "Écrit dans ce fichier le document que contient la signature, sauf si elle n'est pas valable ; - est la sortie standard."
            ).text,
            valueName: Message("file", fr: "fichier").text))
    var output: String?

    @Flag(help: ArgumentHelp(Message("Replace an existing file.", fr: "Remplace un fichier existant.").text))
    var force = false

    @OptionGroup var revocation: RevocationOptions
    @OptionGroup var report: ReportOptions

    func validate() throws {
        guard output == "-", report.json else { return }
        throw ValidationError(
            Message(
                "With --json, --output needs the name of a file.",
                fr: "Avec --json, --output demande un nom de fichier."
            ).text)
    }

    func run() throws {
        let known = try authorities.read()
        let document = try SignedDocument(file, signature: signature)
        let place = try placeOfContent(of: document)
        let judge = Judge(
            known, timeStamps: try AuthorityOptions.timeStamps(timeStampAuthorities),
            requiresRevocation: revocation.requireRevocation, revocation: try revocation.read())
        let statements = document.data.signers().map {
            SignerStatement($0, by: judge, with: document.data.certificates, known)
        }
        // The worst signer decides.
        let verdict = statements.map(\.judgement.verdict).min() ?? .notValid
        // A changed document is not written.
        let isWritten = verdict != .notValid && place != nil
        if isWritten, let content = document.content { try place?.write(content) }
        if report.json {
            try Output.write(
                VerifyReport(
                    document, output: isWritten ? place?.path : nil, verdict: verdict,
                    signers: statements.map(VerifyReport.Signer.init)))
        } else {
            try show(statements, isWritten ? place : nil)
        }
        if place != nil, !isWritten {
            Output.sayOnErrors(
                Message("The document was not written.", fr: "Le document n'a pas été écrit.").text)
        }
        switch verdict {
        case .valid: break
        case .notEstablished: throw ExitCode(ExitStatus.notEstablished.rawValue)
        case .notValid: throw ExitCode(ExitStatus.negative.rawValue)
        }
    }

    /// Where to write the document in the signature; nil without `--output`.
    /// - Throws: `Failure` with `.usage` if the signature contains no document, with `.fileFailed`
    ///   if the file cannot be written.
    private func placeOfContent(of document: borrowing SignedDocument) throws(Failure) -> OutputFile? {
        guard let output else { return nil }
        guard document.content != nil else {
            throw Failure(
                .usage,
                Message(
                    "\(document.signature.printable) contains no document: there is nothing to write for --output.",
                    fr:
                        "\(document.signature.printable) ne contient pas de document : il n'y a rien à écrire pour --output."
                ))
        }
        var options = OutputOptions()
        options.output = output
        options.force = force
        return try OutputFile(options, besides: document.identity)
    }

    private func show(_ statements: [SignerStatement], _ place: OutputFile?) throws(Failure) {
        var page = Page()
        for (index, statement) in statements.enumerated() {
            page.space()
            page.heading(
                statement.heading(of: file, statements.count > 1 ? (index + 1, statements.count) : nil))
            statement.describe(on: &page)
        }
        if let path = place?.path {
            page.space()
            page.paragraph(
                Message("The document is in \(path.printable).", fr: "Le document est dans \(path.printable)."))
        }
        // With - the document itself goes to stdout.
        if output == "-" { page.showOnErrors() } else { try page.show() }
    }
}

/// The options for checking whether certificates were revoked.
struct RevocationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            Message(
                "Lists of revoked certificates: a file (PEM or DER) or a folder. Can be given several times.",
                fr:
                    "Listes de certificats révoqués : un fichier (PEM ou DER) ou un dossier. Peut être donné plusieurs fois."
            ).text,
            valueName: Message("path", fr: "chemin").text))
    var crl: [String] = []

    @Flag(
        help: ArgumentHelp(
            Message(
                "Ask the authorities, at the addresses in the certificates (OCSP, lists).",
                fr: "Interroge les autorités, aux adresses indiquées par les certificats (OCSP, listes)."
            ).text))
    var online = false

    @Flag(
        help: ArgumentHelp(
            Message(
                "Call a signature valid only if it is known that no certificate was revoked.",
                fr: "N'accepte comme valable qu'une signature dont on sait qu'aucun certificat n'est révoqué."
            ).text))
    var requireRevocation = false

    /// Reads the named lists and the cached ones.
    /// - Returns: what is known of the certificates of a chain: from these lists, and with
    ///   `--online` from the authorities as well. The lists that were used are cached.
    /// - Throws: `Failure` with `.fileFailed` for a path without lists.
    func read() throws(Failure) -> ([Certificate]) -> Revocation {
        var named: [RevocationList] = []
        for path in crl { named += try RevocationOptions.lists(in: path) }
        let cache = RevocationCache.ofThisUser
        let known = RevocationLists(named + (cache?.read().lists ?? []))
        let mayAsk = online
        return { chain in
            guard mayAsk else {
                cache?.add(known.lists(about: chain))
                return known.revocation(of: chain)
            }
            let (revocation, fetched) = OnlineRevocation.revocation(of: chain, with: known)
            cache?.add(known.lists(about: chain) + fetched)
            return revocation
        }
    }

    private static func lists(in path: String) throws(Failure) -> [RevocationList] {
        do throws(CertificateError) {
            return try RevocationLists(path: path).lists
        } catch {
            if case .unreadable(_, let number) = error { throw Failure.unreadable(path.printable, number) }
            throw Failure(
                .fileFailed,
                Message(
                    "There is no list of revoked certificates in \(path.printable).",
                    fr: "Il n'y a pas de liste de certificats révoqués dans \(path.printable)."))
        }
    }
}
