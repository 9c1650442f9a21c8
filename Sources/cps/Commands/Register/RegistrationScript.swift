// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// Runs scripts/register, which sets up the programs.
enum RegistrationScript {
    /// Replaces this process by the script; its exit status is an `ExitStatus`.
    /// - Throws: `Failure` with `.fileFailed` if the script cannot be run.
    static func run(_ words: [String]) throws(Failure) {
        guard let path else {
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

    /// The script's path, relative to this program: below ../share in a package, or in the
    /// source tree (.build/MACHINE/release/cps). Whoever can write there can replace the
    /// program as well. The environment has no influence.
    private static var path: String? {
        guard let program = unsafe realpath("/proc/self/exe", nil) else { return nil }
        defer { unsafe free(program) }
        let folder = unsafe String(cString: program).split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let places = ["../share/cps-pkcs11/scripts/register", "../../../scripts/register"]
        return places.map { "\(folder)/\($0)" }.first { unsafe access($0, X_OK) == 0 }
    }
}
