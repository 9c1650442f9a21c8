// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

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
    /// The file in which they were, or would be.
    let path: String
    let wasThere: Bool
}
