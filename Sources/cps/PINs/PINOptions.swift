// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// The options of every command that presents the PIN. The PIN itself is never an
/// argument: other users can see arguments, and the shell's history stores them.
struct PINOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            Message(
                "Read the PIN from standard input, one line, instead of asking for it.",
                fr: "Lit le code porteur sur l'entrée standard, une ligne, au lieu de le demander."
            ).text))
    var pinStdin = false

    @OptionGroup var lastTry: LastTryOption
}

/// The option `--use-last-try`.
struct LastTryOption: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            Message(
                "Use the last try without asking first: a wrong PIN blocks the card.",
                fr: "Utilise le dernier essai sans demander : un code faux bloque la carte."
            ).text))
    var useLastTry = false
}

/// The options of the commands that set a new PIN.
struct NewPINOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            Message(
                "Read from standard input, one per line: the PIN (or the unblocking code), then the new PIN, once.",
                fr:
                    "Lit sur l'entrée standard, un par ligne : le code porteur (ou le code de déblocage), puis le nouveau code porteur, une fois."
            ).text))
    var stdin = false

    @OptionGroup var lastTry: LastTryOption
}
