// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// The option `--reader`, for every command that uses one card.
struct ReaderChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            Message(
                "The reader to use: its name, or a part of it. Without it: the one reader that holds a CPS card.",
                fr: "Le lecteur : son nom, ou une partie. Sans cela : celui qui contient une carte CPS."
            ).text,
            valueName: Message("name", fr: "nom").text))
    var reader: String?
}
