import ArgumentParser
import Messages

/// The options of every command that presents the PIN. The PIN itself is never an
/// argument: other users see those, and the shell keeps them.
struct CodeOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            Message(
                "Read the PIN from standard input, one line, in place of asking for it.",
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
                "Use the last try without asking first: a wrong code blocks the card.",
                fr: "Utilise le dernier essai sans demander : un code faux bloque la carte."
            ).text))
    var useLastTry = false
}
