// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ClientPrograms
import Messages

/// The arguments of `cps register` and `cps unregister`.
struct RegistrationArguments: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            Message(
                "Only print what would be done, with the lines that would change.",
                fr: "Dit ce qui serait fait, avec les lignes qui changeraient, et ne fait rien."
            ).text))
    var dryRun = false

    @Flag(
        help: ArgumentHelp(
            Message(
                "As root: for each user of this computer, what a user sets up for himself.",
                fr: "En tant que root : pour chaque utilisateur de l'ordinateur, ce qu'un utilisateur règle pour lui."
            ).text))
    var allUsers = false

    @OptionGroup var options: ReportOptions

    /// For tests, and images of systems: what stands before every path.
    @Option(help: .hidden) var root = ""

    @Argument(
        help: ArgumentHelp(
            Message(
                """
                For all users, as root: firefox, thunderbird, p11-kit, library, official-path (where the official \
                library would be). For yourself: chromium, openssh, java, openssl, nss FOLDER (an NSS database). \
                For both: sandboxes (all programs that are a Snap or Flatpak; firefox, thunderbird and chromium see them too). \
                Without an argument: what is found here, for this user.
                """,
                fr: """
                    Pour tous, en tant que root : firefox, thunderbird, p11-kit, library, official-path (à la place de la \
                    bibliothèque officielle). Pour vous : chromium, openssh, java, openssl, nss DOSSIER (une base NSS). \
                    Pour les deux : sandboxes (tous les logiciels en Snap ou Flatpak ; firefox, thunderbird et chromium les voient aussi). \
                    Sans rien : ce qui se trouve ici, pour cet utilisateur.
                    """
            ).text,
            valueName: Message("what", fr: "quoi").text),
        completion: .list(ClientWord.allCases.map(\.rawValue)))
    var clients: [String] = []

    /// The arguments for the program that does it.
    var words: [String] {
        (dryRun ? ["--dry-run"] : []) + (allUsers ? ["--all-users"] : []) + (options.json ? ["--json"] : [])
            + (root.isEmpty ? [] : ["--root", root]) + clients
    }

    /// Checks the words before anything is done.
    /// - Throws: `ValidationError`.
    func check() throws {
        var rest = clients[...]
        while let text = rest.popFirst() {
            guard let word = ClientWord(rawValue: text) else {
                throw ValidationError(Message("Unknown: \(text)", fr: "Inconnu : \(text)").text)
            }
            if word == .nss, rest.popFirst() == nil {
                throw ValidationError(
                    Message("nss needs the folder of an NSS database.", fr: "nss demande le dossier d'une base NSS.")
                        .text)
            }
        }
    }
}
