// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// `cps register`: programs get to know the library.
struct RegisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: Message(
            "Set programs up with the card; twice changes nothing.",
            fr: "Règle les logiciels pour la carte ; le refaire ne change rien."
        ).text)

    @OptionGroup var registration: Registration

    func validate() throws { try registration.check() }

    func run() throws { try RegistrationScript.run(registration.words) }
}
