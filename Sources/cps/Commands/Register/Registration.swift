// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// What to register, as both commands are told it.
struct Registration: ParsableArguments {
    /// What scripts/register knows; the words on the command line are the same.
    private static let clients = [
        "library", "p11-kit", "firefox", "thunderbird", "official-path", "chromium", "nss", "openssh", "java",
        "openssl",
    ]

    @Flag(
        help: ArgumentHelp(
            Message("Say what would be done, and do nothing.", fr: "Dit ce qui serait fait, et ne fait rien.").text))
    var dryRun = false

    @Argument(
        help: ArgumentHelp(
            Message(
                """
                For all users, as root: firefox, thunderbird, p11-kit, library, official-path (where the official \
                library would be). For yourself: chromium, openssh, java, openssl, nss FOLDER (an NSS database). \
                Without a word: what is found here, for this user.
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

    /// As scripts/register takes them.
    var words: [String] { (dryRun ? ["--dry-run"] : []) + clients }

    /// - Throws: `ValidationError`, before anything is done.
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
