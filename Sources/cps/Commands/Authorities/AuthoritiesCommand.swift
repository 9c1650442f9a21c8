// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages
import PKIX
import SmartCardBytes

/// `cps authorities`: the authorities that are trusted when a certificate is verified.
struct AuthoritiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorities",
        abstract: Message(
            "The authorities that vouch for signers: import the official ones, list, remove.",
            fr: "Les autorités qui se portent garantes des signataires : importer, lister, retirer."
        ).text,
        subcommands: [
            AuthoritiesImportCommand.self, AuthoritiesListCommand.self, AuthoritiesRemoveCommand.self,
        ])
}

/// `cps authorities remove`: removes the imported authorities.
struct AuthoritiesRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: Message(
            "Remove the imported authorities.", fr: "Oublie les autorités importées."
        ).text)

    @OptionGroup var report: ReportOptions

    func run() throws {
        let file = try AuthorityFile()
        let isRemoved = try file.remove()
        if report.json {
            return try Output.write(AuthoritiesRemoveReport(path: file.path, wasThere: isRemoved))
        }
        try Output.say(
            isRemoved
                ? Message("\(file.path.printable) is removed.", fr: "\(file.path.printable) est supprimé.")
                : Message("Nothing was imported.", fr: "Rien n'était importé."))
    }
}

/// What was removed.
struct AuthoritiesRemoveReport: Report {
    static let schema = "cps-authorities-remove/1"
    /// The file of imported authorities, whether it existed or not.
    let path: String
    let wasThere: Bool
}

/// `cps authorities list`: the authorities that this user's commands trust.
struct AuthoritiesListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Message("Show the known authorities.", fr: "Affiche les autorités connues.").text)

    @OptionGroup var report: ReportOptions

    func run() throws {
        let sources = Authorities.sourcesOfThisMachine
        let pinned = Set(AuthorityImport(of: sources.map(\.certificate)).accepted)
        let standing = { (certificate: Certificate) in AuthorityStanding(of: certificate, pinned) }
        if report.json {
            let authorities = sources.map {
                AuthoritiesReport.Authority($0.certificate, standing($0.certificate), $0.path)
            }
            return try Output.write(AuthoritiesReport(authorities: authorities))
        }
        var page = Page()
        for (certificate, path) in sources {
            page.space()
            page.heading(StyledText(certificate.subject.commonName, .strong))
            page.field(Message("Recognised", fr: "Reconnue"), "\(standing(certificate).message.text)")
            page.field(Message("Valid until", fr: "Valable jusqu'au"), "\(certificate.notAfter.day.text)")
            page.field("SHA-256", "\(Hexadecimal.encode(certificate.fingerprint()))")
            page.field(Message("From", fr: "Vient de"), "\(path.printable)")
        }
        if page.isEmpty {
            page.paragraph(Message("No authority is known here.", fr: "Aucune autorité n'est connue ici."))
            page.paragraph(
                Message(
                    "`cps authorities import` imports the official file: \(OfficialAddress.production)",
                    fr: "« cps authorities import » importe le fichier officiel : \(OfficialAddress.production)"))
        }
        try page.show()
    }
}

/// Why an authority is trusted.
enum AuthorityStanding: String, Encodable {
    /// Its fingerprint is that of a root of IGC-Santé.
    case pinned
    /// A pinned root issued it, directly or through others.
    case issuedByPinned
    /// Only because somebody put it here.
    case placedHere
    /// Like `placedHere`; its name says that it is for test cards.
    case placedHereForTests

    /// - Parameter pinned: the pinned authorities, and those that a pinned one issued.
    init(of certificate: Certificate, _ pinned: Set<Certificate>) {
        self =
            switch (PinnedRoots.igcSante.branch(of: certificate), certificate.claimedBranch) {
            case (.production, _): .pinned
            case (_, .test): .placedHereForTests
            case _ where pinned.contains(certificate): .issuedByPinned
            case _: .placedHere
            }
    }

    /// The value of the field "Recognised".
    var message: Message {
        switch self {
        case .pinned:
            Message("by its fingerprint: a root of IGC-Santé", fr: "par son empreinte : racine de l'IGC-Santé")
        case .issuedByPinned:
            Message("by a root of IGC-Santé", fr: "par une racine de l'IGC-Santé")
        case .placedHere:
            Message("by the person who put it here", fr: "par qui l'a mise ici")
        case .placedHereForTests:
            Message(
                "by the person who put it here: an authority of test cards",
                fr: "par qui l'a mise ici : autorité de cartes de test")
        }
    }
}

/// The authorities that this user's commands trust.
struct AuthoritiesReport: Report {
    static let schema = "cps-authorities/1"
    let authorities: [Authority]

    struct Authority: Encodable {
        let standing: AuthorityStanding
        /// The file or folder that it comes from.
        let path: String
        let certificate: CertificateDetails

        init(_ certificate: Certificate, _ standing: AuthorityStanding, _ path: String) {
            self.standing = standing
            self.path = path
            self.certificate = CertificateDetails(certificate)
        }
    }
}
