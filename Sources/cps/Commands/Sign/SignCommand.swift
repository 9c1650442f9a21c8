// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import HostCryptography
import Messages
import PKIX

/// `cps sign`: signs a document with the card; the signature goes to a separate file, or into the PDF.
struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: Message(
            "Sign a file: a detached CMS signature (CAdES-BES).",
            fr: "Signe un fichier : une signature CMS détachée (CAdES-BES)."
        ).text,
        discussion: Message(
            """
            The signature goes to FILE.p7s. It holds the time by this computer's clock, and the \
            certificates up to the authority where that is known. With --pdf the signature goes into a \
            copy of the PDF (PAdES), FILE-signed.pdf; pyHanko must be installed.
            """,
            fr: """
                La signature va dans FICHIER.p7s. Elle contient l'heure de cet ordinateur, et les \
                certificats jusqu'à l'autorité si celle-ci est connue. Avec --pdf, elle va dans une copie du \
                PDF (PAdES), FICHIER-signed.pdf ; il faut que pyHanko soit installé.
                """
        ).text)

    @Argument(
        help: ArgumentHelp(
            Message("The file to sign.", fr: "Le fichier à signer.").text,
            valueName: Message("file", fr: "fichier").text))
    var file: String

    @Option(
        help: ArgumentHelp(
            Message("signature or authentication.", fr: "signature ou authentication (authentification).").text,
            valueName: Message("key", fr: "clé").text))
    var key = KeyChoice.signature

    @Flag(help: ArgumentHelp(Message("Write PEM, not DER.", fr: "Écrit du PEM, pas du DER.").text))
    var pem = false

    @Flag(
        help: ArgumentHelp(
            Message(
                "Sign inside the PDF (PAdES-B-B; B-T with --timestamp).",
                fr: "Signe dans le PDF (PAdES-B-B ; B-T avec --timestamp)."
            ).text))
    var pdf = false

    @Option(
        name: .customLong("timestamp"),
        help: ArgumentHelp(
            Message(
                "Add a time stamp by the server at this address (CAdES-T, RFC 3161).",
                fr: "Ajoute un horodatage par le serveur à cette adresse (CAdES-T, RFC 3161)."
            ).text,
            valueName: Message("address", fr: "adresse").text))
    var timeStampServer: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var authorities: AuthorityOptions
    @OptionGroup var reader: ReaderChoice
    @OptionGroup var pinOptions: PINOptions
    @OptionGroup var report: ReportOptions

    func run() throws {
        // Check everything that does not need the PIN before asking for it.
        let document = try InputFile(file)
        let place = try OutputFile(output, standard: pdf ? signedPDF : file + ".p7s", besides: document.identity)
        let known = try authorities.read()
        let time = UniversalTime.now
        let prepared = pdf ? try PreparedPDF(document, at: time, forSignatureOf: signatureSize) : nil
        let digest = if let prepared { prepared.digest } else { try SignCommand.digest(of: document) }

        var (signature, certificate) = try Readers().withCard(chosenBy: reader) { card, _ in
            let signer = try CardSigner(card, key)
            let chain = known.chain(of: signer.certificate)
            // A PDF has the time beside the signature, not in it (EN 319 142-1 §6.3).
            let signature = try signer.sign(digest, at: pdf ? nil : time, with: chain.certificates, pinOptions)
            return (signature, signer.certificate)
        }
        let timeStamp = try timeStampServer.map { try SignCommand.stamp(&signature, at: $0) }
        let content = try prepared?.signed(with: signature)
        try place.write(content ?? (pem ? Array(PEM.encode(signature, label: "CMS").utf8) : signature))
        guard let path = place.path else { return }
        guard !report.json else {
            return try Output.write(
                SignReport(
                    file: file, signature: path, key: key.rawValue, time: time.iso8601,
                    timeStamp: timeStamp?.time?.iso8601, certificate: CertificateDetails(certificate)))
        }
        let name = certificate.personName
        try Output.say(
            Message(
                "\(path.printable): signed by \(name.english).", fr: "\(path.printable) : signé par \(name.french)."))
        if let timeStamp, let time = timeStamp.time, let maker = timeStamp.certificate?.subject.commonName {
            try Output.say(
                Message(
                    "Time stamp: \(time.moment.english), by \(maker).",
                    fr: "Horodatage : \(time.moment.french), par \(maker)."))
        }
    }

    func validate() throws {
        if pem, pdf {
            throw ValidationError(
                Message("--pem and --pdf exclude each other.", fr: "--pem et --pdf s'excluent.").text)
        }
        guard let timeStampServer, !["http://", "https://"].contains(where: timeStampServer.hasPrefix) else { return }
        throw ValidationError(
            Message(
                "--timestamp needs an address that begins with http:// or https://.",
                fr: "--timestamp demande une adresse qui commence par http:// ou https://."
            ).text)
    }

    /// report.pdf becomes report-signed.pdf.
    private var signedPDF: String {
        let ending = ".pdf"
        let name = file.lowercased().hasSuffix(ending) ? String(file.dropLast(ending.count)) : file
        return "\(name)-signed\(ending)"
    }

    /// The place for the signature in a PDF, in bytes: three certificates and the attributes need 7 KiB,
    /// and a time stamp with its own certificates about as much.
    private var signatureSize: Int { timeStampServer == nil ? 16 << 10 : 32 << 10 }

    private static func digest(of document: borrowing InputFile) throws(Failure) -> [UInt8] {
        var hash = HashContext(.sha256)
        try document.read { (piece) throws(Failure) in hash.update(piece) }
        return hash.finalize()
    }

    /// - Throws: `Failure` with `.fileFailed`; nothing is written then.
    private static func stamp(_ signature: inout [UInt8], at server: String) throws(Failure) -> TimeStamp {
        do throws(SignatureError) {
            let stamped = try TimeStampServer.stamp(signature, at: server)
            signature = stamped.signature
            return stamped.timeStamp
        } catch {
            throw Failure(
                .fileFailed,
                Message(
                    "\(server.printable) did not return a time stamp: nothing was written.",
                    fr: "\(server.printable) ne donne pas d'horodatage : rien n'a été écrit."),
                remedy: Message(
                    "Check the address and the network, or sign without --timestamp.",
                    fr: "Vérifiez l'adresse et le réseau, ou signez sans --timestamp."))
        }
    }
}

/// The signed file and its signature.
struct SignReport: Report {
    static let schema = "cps-sign/1"
    let file: String
    let signature: String
    let key: String
    let time: String
    let timeStamp: String?
    let certificate: CertificateDetails
}
