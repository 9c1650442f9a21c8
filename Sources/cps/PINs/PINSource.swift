// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages
import SmartCardBytes

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
