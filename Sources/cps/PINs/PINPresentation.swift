// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Glibc
import Messages
import SmartCardBytes

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

/// Where a command reads PINs: from the terminal, or from lines of standard input.
enum PINSource {
    case terminal(Conversation)
    case standardInput

    /// - Parameter option: the option that reads standard input.
    /// - Throws: `Failure` with `.cancelled` if there is no terminal.
    static func chosen(standardInput: Bool, option: String) throws(Failure) -> PINSource {
        if standardInput { return .standardInput }
        let otherwise = Message(
            "\(option) reads it from standard input.", fr: "\(option) le lit sur l'entrée standard.")
        return .terminal(try Conversation(otherwise: otherwise))
    }

    /// Reads one PIN or PUK.
    func read(_ question: Message) throws(Failure) -> SecretBytes {
        switch self {
        case .terminal(let conversation): return try conversation.askForPIN(question)
        case .standardInput:
            let secret = SecretBytes.readingLine(from: STDIN_FILENO, upTo: 128)
            if secret.isEmpty {
                throw Failure(
                    .cancelled,
                    Message(
                        "Nothing was read from standard input; nothing was done.",
                        fr: "L'entrée standard ne donne pas de code ; rien n'a été fait."))
            }
            return secret
        }
    }
}

extension CPSCard {
    /// Asks for the PIN, on the terminal or on the reader's keypad, and presents it once.
    /// Every command that needs the PIN uses this. Signals are held from here until
    /// `Readers.withCard` has logged out (`Signals.check()` between two long steps lets the
    /// person end the command earlier).
    /// - Throws: `Failure`: `.wrongPIN`, `.pinBlocked`, `.cancelled`, `.notPossible` for
    ///   a card without a PIN.
    func presentPIN(of identity: CardIdentity, _ options: PINOptions) throws {
        let pin = try CountedPINs.read(from: self, identity).neededPIN()
        try pin.allowPresentation(options.lastTry, canAsk: !options.pinStdin)
        if !options.pinStdin, try hasPINPad(), pin.object.canBeTyped {
            Output.sayOnErrors(
                Message("Type the PIN on the reader.", fr: "Tapez le code porteur sur le lecteur.").text)
            Signals.hold()
            try pin.presenting { () throws(CardError) in try presentFromPINPad(as: pin.object) }
        } else {
            let source = try PINSource.chosen(standardInput: options.pinStdin, option: "--pin-stdin")
            let secret = try source.read(pin.question)
            try pin.check(secret)
            Signals.hold()
            try pin.presenting { () throws(CardError) in try present(secret, as: pin.object) }
        }
    }
}

extension CountedPIN {
    /// Runs the command that presents this PIN or PUK; a refusal names it.
    /// - Throws: `Failure`.
    func presenting(_ body: () throws(CardError) -> Void) throws(Failure) {
        do throws(CardError) {
            try body()
        } catch  where isUnblockedByNothing && (error == .pinBlocked || error == .wrongPIN(triesLeft: 0)) {
            throw blocked
        } catch {
            throw Failure(error, of: self)
        }
    }
}
