// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// `cps authorities remove`: forgets what was imported.
struct AuthoritiesRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: Message(
            "Forget the authorities that were imported.", fr: "Oublie les autorités importées."
        ).text)

    func run() throws {
        let file = try AuthorityFile()
        let isRemoved = try file.remove()
        try Output.say(
            isRemoved
                ? Message("\(file.path.printable) is removed.", fr: "\(file.path.printable) est supprimé.")
                : Message("Nothing was imported.", fr: "Rien n'était importé."))
    }
}
