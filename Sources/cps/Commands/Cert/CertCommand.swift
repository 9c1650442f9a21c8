// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// `cps cert`: the card's certificates.
struct CertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert",
        abstract: Message("The card's certificates.", fr: "Les certificats de la carte.").text,
        subcommands: [CertExportCommand.self])
}
