// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages
import PKIX
import SmartCardBytes

/// `cps authorities list`: those that this user's commands trust.
struct AuthoritiesListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Message("Show the known authorities.", fr: "Affiche les autorités connues.").text)

    func run() throws {
        var page = Page()
        let sources = Authorities.sourcesOfThisMachine
        let pinned = Set(AuthorityImport(of: sources.map(\.certificate)).accepted)
        for (certificate, path) in sources {
            page.space()
            page.heading(StyledText(certificate.subject.commonName, .strong))
            let standing = AuthoritiesListCommand.standing(of: certificate, pinned)
            page.field(Message("Recognised", fr: "Reconnue"), "\(standing.text)")
            page.field(Message("Valid until", fr: "Valable jusqu'au"), "\(certificate.notAfter.day.text)")
            page.field("SHA-256", "\(Hexadecimal.encode(certificate.fingerprint()))")
            page.field(Message("From", fr: "Vient de"), "\(path.printable)")
        }
        if page.isEmpty {
            page.paragraph(Message("No authority is known here.", fr: "Aucune autorité n'est connue ici."))
            page.paragraph(
                Message(
                    "`cps authorities import` takes the official file: \(OfficialAddress.production)",
                    fr: "« cps authorities import » importe le fichier officiel : \(OfficialAddress.production)"))
        }
        try page.show()
    }

    /// On whose word the certificate counts.
    private static func standing(of certificate: Certificate, _ pinned: Set<Certificate>) -> Message {
        switch (PinnedRoots.igcSante.branch(of: certificate), certificate.claimedBranch) {
        case (.production, _):
            Message("by its fingerprint: a root of IGC-Santé", fr: "par son empreinte : racine de l'IGC-Santé")
        case (_, .test):
            Message(
                "by who put it here: an authority of test cards",
                fr: "par qui l'a mise ici : autorité de cartes de test")
        case _ where pinned.contains(certificate):
            Message("by a root of IGC-Santé", fr: "par une racine de l'IGC-Santé")
        case _:
            Message("by who put it here", fr: "par qui l'a mise ici")
        }
    }
}
