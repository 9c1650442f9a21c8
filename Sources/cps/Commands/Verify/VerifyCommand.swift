// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages
import PKIX

/// `cps verify`: who has signed a document, and whether that can be believed.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: Message(
            "Verify a CMS signature of a file: who, when, valid or not.",
            fr: "Vérifie la signature CMS d'un fichier : qui, quand, valable ou non."
        ).text,
        discussion: Message(
            """
            Ends with 0 for a valid signature; with 10 for one that is exact, while something is missing to \
            establish who signed; with 1 for one that is not valid. Of several signers the worst one counts. \
            Whether a certificate was revoked is looked up in the lists that are here; --online asks the authorities.
            """,
            fr: """
                Se termine par 0 si la signature est valable, par 10 si elle est exacte mais qu'il manque de quoi \
                établir le signataire, par 1 si elle n'est pas valable. De plusieurs signataires, le moins bon \
                compte. La révocation est cherchée dans les listes présentes ; --online interroge les autorités.
                """
        ).text)

    @Argument(
        help: ArgumentHelp(
            Message("The signed file.", fr: "Le fichier signé.").text, valueName: Message("file", fr: "fichier").text))
    var file: String

    @Argument(
        help: ArgumentHelp(
            Message("Its signature; FILE.p7s if not given.", fr: "Sa signature ; FICHIER.p7s par défaut.").text,
            valueName: Message("signature", fr: "signature").text))
    var signature: String?

    @OptionGroup var authorities: AuthorityOptions
    @Option(
        name: .customLong("timestamp-authorities"),
        help: ArgumentHelp(
            Message(
                "Who can vouch for a time stamp: a file or folder. Without it: \(Authorities.timeStampFolder).",
                fr:
                    "Qui peut se porter garant d'un horodatage : un fichier ou dossier. Sans cela : \(Authorities.timeStampFolder)."
            ).text,
            valueName: Message("path", fr: "chemin").text))
    var timeStampAuthorities: [String] = []

    @OptionGroup var revocation: RevocationOptions
    @OptionGroup var report: ReportOptions

    /// Far more than a signature needs, unless it holds the document itself.
    private static let longestSignature = 16 << 20

    func run() throws {
        let path = signature ?? file + ".p7s"
        let known = try authorities.read()
        let document = try InputFile(file)
        let data = try VerifyCommand.signature(in: path)
        try document.read { (piece) throws(Failure) in data.update(piece) }
        let judge = Judge(
            known, timeStamps: try AuthorityOptions.timeStamps(timeStampAuthorities),
            requiresRevocation: revocation.requireRevocation, revocation: try revocation.read())
        let statements = data.signers().map { signer in
            SignerStatement(
                signer: signer, judgement: judge.judge(signer, with: data.certificates), authorities: known)
        }
        // Everyone who has signed must be believed.
        let verdict = statements.map(\.judgement.verdict).min() ?? .notValid
        if report.json {
            try Output.write(
                VerifyReport(
                    file: file, signature: path, verdict: verdict, signers: statements.map(VerifyReport.Signer.init)))
        } else {
            try show(statements)
        }
        switch verdict {
        case .valid: break
        case .notEstablished: throw ExitCode(ExitStatus.notEstablished.rawValue)
        case .notValid: throw ExitCode(ExitStatus.negative.rawValue)
        }
    }

    private func show(_ statements: [SignerStatement]) throws(Failure) {
        var page = Page()
        for statement in statements {
            page.space()
            page.heading(statement.heading(of: file))
            statement.describe(on: &page)
        }
        try page.show()
    }

    private static func signature(in path: String) throws(Failure) -> SignedData {
        let bytes = try InputFile(path).content(upTo: longestSignature)
        do throws(SignatureError) {
            return try SignedData(encoding: bytes)
        } catch {
            let path = path.printable
            switch error {
            case .tooMuch:
                throw Failure(
                    .fileFailed, Message("\(path) names too many signers.", fr: "\(path) nomme trop de signataires."))
            case .unknownAlgorithm:
                throw Failure(
                    .fileFailed,
                    Message("\(path) uses a hash that is not known.", fr: "\(path) emploie un hachage inconnu."))
            case .malformed, .notConfirmed, .notPossible, .noTimeStamp:
                throw Failure(
                    .fileFailed, Message("\(path) is no CMS signature.", fr: "\(path) n'est pas une signature CMS."))
            }
        }
    }
}
