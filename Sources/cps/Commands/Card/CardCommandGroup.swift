// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// `cps card`: how the card is made, for those who develop for it.
struct CardCommandGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card",
        abstract: Message(
            "How the card is made, without anything about its holder.",
            fr: "La façon dont la carte est faite, sans rien de son titulaire."
        ).text,
        subcommands: [CardReportCommand.self, CardCompareCommand.self])
}
