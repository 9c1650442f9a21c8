// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Messages
import PKIX

/// `cps authorities import`: imports the official authorities of IGC-Santé, recognised by
/// their fingerprints.
struct AuthoritiesImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: Message(
            "Import the official IGC-Santé authorities from a file.",
            fr: "Importe d'un fichier les autorités officielles de l'IGC-Santé."
        ).text,
        discussion: Message(
            """
            Only official authorities are accepted: roots whose fingerprint this command knows, and the authorities below \
            them. Root imports for the whole machine, any other user for that user. Nothing is downloaded; the official \
            file is at \(OfficialAddress.production)
            """,
            fr: """
                Seules les autorités officielles sont acceptées : les racines dont cette commande connaît l'empreinte, et \
                les autorités placées sous elles. Root importe pour toute la machine, un autre utilisateur pour lui seul. \
                Rien n'est téléchargé ; le fichier officiel est à l'adresse \(OfficialAddress.production)
                """
        ).text)

    @Argument(
        help: ArgumentHelp(
            Message(
                "Files (.cer, .p7b, .pem) or folders with certificates.",
                fr: "Fichiers (.cer, .p7b, .pem) ou dossiers de certificats."
            ).text,
            valueName: Message("file", fr: "fichier").text))
    var files: [String]

    @OptionGroup var report: ReportOptions

    func run() throws {
        let store = try AuthorityFile()
        let found = try AuthorityOptions.certificates(in: files)
        let known = store.certificates
        let result = AuthorityImport(of: found, with: known)
        let added = result.accepted.filter { !known.contains($0) }
        if result.accepted.isEmpty { throw AuthoritiesImportCommand.nothing(result) }
        if !added.isEmpty { try store.write(AuthorityImport(of: known + result.accepted).accepted) }
        if report.json { return try Output.write(AuthoritiesImportReport(result, added: added, path: store.path)) }
        var page = Page()
        for certificate in result.accepted {
            let state =
                added.contains(certificate)
                ? Message("imported", fr: "importée") : Message("already known", fr: "déjà connue")
            page.field(certificate.subject.commonName, StyledText(state.text, .good))
        }
        for (certificate, refusal) in result.refused {
            page.field(
                certificate.subject.commonName, StyledText(refusal.message(on: certificate).text, .warning))
        }
        try page.show()
        try Output.say(Message("They are in \(store.path.printable).", fr: "Elles sont dans \(store.path.printable)."))
    }

    private static func nothing(_ result: AuthorityImport) -> Failure {
        let isTest = result.refused.contains { $0.certificate.claimedBranch == .test }
        let reasons = result.refused.map { certificate, refusal in
            let (name, reason) = (certificate.subject.commonName, refusal.message(on: certificate))
            return Message("\(name): \(reason.english)", fr: "\(name) : \(reason.french)")
        }
        return Failure(
            .negative,
            Message(
                "Nothing was imported. \(reasons.map(\.english).joined(separator: "; ")).",
                fr: "Rien n'est importé. \(reasons.map(\.french).joined(separator: " ; "))."),
            remedy: isTest
                ? Message(
                    "Test authorities are not imported: test cards stand for nobody. --authorities FILE names them for one command.",
                    fr:
                        "Les autorités de test ne sont pas importées : les cartes de test ne représentent personne. --authorities FICHIER les indique pour une commande."
                )
                : Message(
                    "The official file is at \(OfficialAddress.production)",
                    fr: "Le fichier officiel est à l'adresse \(OfficialAddress.production)"))
    }
}

/// What was imported, and what was not.
struct AuthoritiesImportReport: Report {
    static let schema = "cps-authorities-import/1"
    /// The file of imported authorities.
    let path: String
    let accepted: [Accepted]
    let refused: [Refused]

    struct Accepted: Encodable {
        /// False if it was imported before.
        let isNew: Bool
        let certificate: CertificateDetails
    }

    struct Refused: Encodable {
        /// `unknownRoot`, `unknownIssuer`, `noAuthority` or `notValid`.
        let reason: String
        let certificate: CertificateDetails
    }

    init(_ result: AuthorityImport, added: [Certificate], path: String) {
        self.path = path
        accepted = result.accepted.map {
            Accepted(isNew: added.contains($0), certificate: CertificateDetails($0))
        }
        refused = result.refused.map {
            Refused(reason: "\($0.refusal)", certificate: CertificateDetails($0.certificate))
        }
    }
}

/// Where the agency publishes its authorities. Nothing is downloaded from there.
enum OfficialAddress {
    static let production = "http://igc-sante.esante.gouv.fr/AC/Chaine_de_certification-IGC-Sante.p7b"
    static let test = "http://igc-sante.esante.gouv.fr/AC%20TEST/Chaine_de_certification-IGC-Sante-TEST.p7b"
}

extension AuthorityImport.Refusal {
    /// Why a certificate is not imported.
    fileprivate func message(on certificate: Certificate) -> Message {
        if certificate.claimedBranch == .test, self == .unknownRoot || self == .unknownIssuer {
            return Message("refused: a test authority", fr: "refusée : autorité de test")
        }
        return switch self {
        case .unknownRoot:
            Message(
                "refused: its fingerprint is not that of an official root",
                fr: "refusée : son empreinte n'est pas celle d'une racine officielle")
        case .unknownIssuer:
            Message(
                "refused: no official root has issued it", fr: "refusée : aucune racine officielle ne l'a émise")
        case .noAuthority:
            Message(
                "refused: a certificate of a person or a server",
                fr: "refusé : certificat d'une personne ou d'un serveur")
        case .notValid:
            Message("refused: it is not valid", fr: "refusée : elle n'est pas valable")
        }
    }
}

/// The file of imported authorities, for writing.
struct AuthorityFile {
    private let store: AuthorityStore

    /// - Throws: `Failure` with `.fileFailed` if HOME is not set.
    init() throws(Failure) {
        guard let store = AuthorityStore.ofThisUser else {
            throw Failure(
                .fileFailed,
                Message(
                    "There is no place for authorities: HOME is not set.",
                    fr: "Aucun emplacement pour les autorités : HOME n'est pas défini."))
        }
        self.store = store
    }

    var path: String { store.path }

    /// The authorities imported before.
    var certificates: [Certificate] { store.read() }

    /// Replaces the file atomically; everybody can read it.
    /// - Throws: `Failure` with `.fileFailed`.
    func write(_ certificates: [Certificate]) throws(Failure) {
        try makeFolder()
        var options = OutputOptions()
        options.output = path
        options.force = true
        let mask = umask(0o022)
        defer { umask(mask) }
        try OutputFile(options).write(Array(certificates.map(\.pem).joined().utf8))
    }

    /// - Returns: whether there was a file.
    /// - Throws: `Failure` with `.fileFailed`.
    func remove() throws(Failure) -> Bool {
        if unsafe unlink(path) == 0 { return true }
        guard errno == ENOENT || errno == ENOTDIR else { throw Failure.unwritable(path, errno) }
        return false
    }

    /// Creates all parent folders, like `mkdir -p`.
    private func makeFolder() throws(Failure) {
        var folder = ""
        for name in path.split(separator: "/").dropLast() {
            folder += "/\(name)"
            let isThere = unsafe mkdir(folder, geteuid() == 0 ? 0o755 : 0o700) == 0 || errno == EEXIST
            guard isThere else { throw Failure.unwritable(path, errno) }
        }
    }
}
