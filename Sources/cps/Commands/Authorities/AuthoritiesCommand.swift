// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// `cps authorities`: whose word counts when a certificate is verified.
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
