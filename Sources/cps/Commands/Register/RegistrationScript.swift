// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// Runs scripts/register, which sets up the programs.
enum RegistrationScript {
    /// Replaces this process by the script; its exit status is an `ExitStatus`.
    /// - Throws: `Failure` with `.fileFailed` if the script cannot be run.
    static func run(_ words: [String]) throws(Failure) {
        guard let path = InstalledScript.path(of: "register", mode: X_OK) else {
            throw Failure(
                .fileFailed,
                Message("scripts/register was not found.", fr: "scripts/register est introuvable."),
                remedy: Message(
                    "Reinstall the package libcps-pkcs11.", fr: "Réinstallez le paquet libcps-pkcs11."))
        }
        // Restores the default: the script's programs end on a closed pipe.
        _ = signal(SIGPIPE, SIG_DFL)
        var arguments = unsafe ([path] + words).map { unsafe strdup($0) } + [nil]
        unsafe execv(path, &arguments)
        throw Failure(
            .fileFailed, Message("\(path) could not be started.", fr: "\(path) n'a pas pu démarrer."))
    }
}
