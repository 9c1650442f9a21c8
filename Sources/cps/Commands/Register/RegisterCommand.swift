// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// `cps register`: sets programs up for the library.
struct RegisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: Message(
            "Set programs up for the card; running it again changes nothing.",
            fr: "Règle les logiciels pour la carte ; le refaire ne change rien."
        ).text)

    @OptionGroup var arguments: RegistrationArguments

    func validate() throws { try arguments.check() }

    func run() throws { try RegistrationProcess.run(arguments.words) }
}

/// `cps unregister`: undoes what `cps register` did, and nothing else.
struct UnregisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unregister",
        abstract: Message(
            "Undo `cps register`: files become as they were before.",
            fr: "Annule « cps register » : les fichiers redeviennent comme avant."
        ).text)

    @OptionGroup var arguments: RegistrationArguments

    func validate() throws { try arguments.check() }

    func run() throws { try RegistrationProcess.run(["--undo"] + arguments.words) }
}
