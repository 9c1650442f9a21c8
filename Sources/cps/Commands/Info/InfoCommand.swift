// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// `cps info`: the holder and the card.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: Message(
            "The holder: name, profession, identifier, card; with the PIN the activities.",
            fr: "Le titulaire : nom, profession, identifiant, carte ; avec le code porteur, les situations d'exercice."
        ).text)

    @Flag(
        name: [.long, .customLong("activities")],
        help: ArgumentHelp(
            Message(
                "Ask for the PIN, and show the activities too.",
                fr: "Demande le code porteur, et montre aussi les situations d'exercice."
            ).text))
    var pin = false

    @Flag(
        help: ArgumentHelp(
            Message(
                "Also show data that nobody has described, as raw bytes.",
                fr: "Montre aussi ce que personne n'a décrit, tel quel."
            ).text))
    var all = false

    @OptionGroup var pinOptions: PINOptions
    @OptionGroup var reader: ReaderChoice
    @OptionGroup var report: ReportOptions

    func run() throws {
        let file = try Readers().withCard(chosenBy: reader) { card, reader in
            let presentPIN = { try card.presentPIN(of: $0, pinOptions) }
            return try HolderFile(
                readingFrom: card, in: reader.name, presentPIN: pin || pinOptions.pinStdin ? presentPIN : nil)
        }
        if report.json {
            try Output.write(InfoReport(file))
        } else {
            try file.page(withUndescribed: all).show()
        }
    }
}
