// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ClientPrograms
import Glibc
import Messages

/// `cps register`: sets programs up for the library.
struct RegisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: Message(
            "Set programs up for the card; running it again changes nothing.",
            fr: "Règle les logiciels pour la carte ; le refaire ne change rien."
        ).text)

    @OptionGroup var arguments: RegistrationArguments

    func validate() throws { try arguments.check() }

    func run() throws { try arguments.runProgram() }
}

/// `cps unregister`: undoes what `cps register` did, and nothing else.
struct UnregisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unregister",
        abstract: Message(
            "Undo `cps register`: files become as they were before.",
            fr: "Annule « cps register » : les fichiers redeviennent comme avant."
        ).text)

    @OptionGroup var arguments: RegistrationArguments

    func validate() throws { try arguments.check() }

    func run() throws { try arguments.runProgram("--undo") }
}

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

    /// Replaces this process by the program that sets programs up; its exit status is an `ExitStatus`.
    /// That program is small and belongs to the library's package, which runs it too: what changes
    /// files as root is in no other one.
    /// - Parameter options: come before these arguments.
    /// - Throws: `Failure` with `.fileFailed` if the program cannot be run.
    func runProgram(_ options: String...) throws(Failure) {
        guard let path = InstalledFile.path(["../lib/cps-pkcs11/register", "cps-register"], mode: X_OK) else {
            throw Failure(
                .fileFailed,
                Message("The program register was not found.", fr: "Le programme register est introuvable."),
                remedy: Message(
                    "Reinstall the package libcps-pkcs11.", fr: "Réinstallez le paquet libcps-pkcs11."))
        }
        var arguments = unsafe ([path] + options + words).map { unsafe strdup($0) } + [nil]
        unsafe execv(path, &arguments)
        throw Failure(
            .fileFailed, Message("\(path) could not be started.", fr: "\(path) n'a pas pu démarrer."))
    }

    /// These arguments as the program takes them.
    private var words: [String] {
        (dryRun ? ["--dry-run"] : []) + (allUsers ? ["--all-users"] : []) + (options.json ? ["--json"] : [])
            + (root.isEmpty ? [] : ["--root", root]) + clients
    }
}
