// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// Runs the program that sets programs up. It is small and belongs to the library's package, which
/// runs it too: what changes files as root is in no other one.
enum RegistrationProcess {
    /// Replaces this process by that program; its exit status is an `ExitStatus`.
    /// - Throws: `Failure` with `.fileFailed` if the program cannot be run.
    static func run(_ words: [String]) throws(Failure) {
        guard let path = InstalledFile.path(["../lib/cps-pkcs11/register", "cps-register"], mode: X_OK) else {
            throw Failure(
                .fileFailed,
                Message("The program register was not found.", fr: "Le programme register est introuvable."),
                remedy: Message(
                    "Reinstall the package libcps-pkcs11.", fr: "Réinstallez le paquet libcps-pkcs11."))
        }
        var arguments = unsafe ([path] + words).map { unsafe strdup($0) } + [nil]
        unsafe execv(path, &arguments)
        throw Failure(
            .fileFailed, Message("\(path) could not be started.", fr: "\(path) n'a pas pu démarrer."))
    }
}
