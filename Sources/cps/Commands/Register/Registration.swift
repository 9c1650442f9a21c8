// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// The arguments of `cps register` and `cps unregister`.
struct Registration: ParsableArguments {
    /// The words that scripts/register knows.
    private static let clients = [
        "library", "p11-kit", "firefox", "thunderbird", "official-path", "chromium", "nss", "openssh", "java",
        "openssl",
    ]

    @Flag(
        help: ArgumentHelp(
            Message("Only print what would be done.", fr: "Dit ce qui serait fait, et ne fait rien.").text))
    var dryRun = false

    @Argument(
        help: ArgumentHelp(
            Message(
                """
                For all users, as root: firefox, thunderbird, p11-kit, library, official-path (where the official \
                library would be). For yourself: chromium, openssh, java, openssl, nss FOLDER (an NSS database). \
                Without an argument: what is found here, for this user.
                """,
                fr: """
                    Pour tous, en tant que root : firefox, thunderbird, p11-kit, library, official-path (à la place de la \
                    bibliothèque officielle). Pour vous : chromium, openssh, java, openssl, nss DOSSIER (une base NSS). \
                    Sans rien : ce qui se trouve ici, pour cet utilisateur.
                    """
            ).text,
            valueName: Message("what", fr: "quoi").text),
        completion: .list(clients))
    var clients: [String] = []

    /// The arguments for scripts/register.
    var words: [String] { (dryRun ? ["--dry-run"] : []) + clients }

    /// Checks the words before anything is done.
    /// - Throws: `ValidationError`.
    func check() throws {
        var rest = clients[...]
        while let word = rest.popFirst() {
            guard Registration.clients.contains(word) else {
                throw ValidationError(Message("Unknown: \(word)", fr: "Inconnu : \(word)").text)
            }
            if word == "nss", rest.popFirst() == nil {
                throw ValidationError(
                    Message("nss needs the folder of an NSS database.", fr: "nss demande le dossier d'une base NSS.")
                        .text)
            }
        }
    }
}
