// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// scripts/register, which knows the programs.
enum RegistrationScript {
    /// Becomes the script; it ends with an `ExitStatus` of ours.
    /// - Throws: `Failure` with `.fileFailed` when it is not there.
    static func run(_ words: [String]) throws(Failure) {
        guard let path else {
            throw Failure(
                .fileFailed,
                Message("scripts/register is not there.", fr: "scripts/register est introuvable."),
                remedy: Message(
                    "Install the package libcps-pkcs11 again.", fr: "Réinstallez le paquet libcps-pkcs11."))
        }
        // The script's own programs are to end quietly when their reader does.
        _ = signal(SIGPIPE, SIG_DFL)
        var arguments = unsafe ([path] + words).map { unsafe strdup($0) } + [nil]
        unsafe execv(path, &arguments)
        throw Failure(
            .fileFailed, Message("\(path) could not be started.", fr: "\(path) n'a pas pu démarrer."))
    }

    /// Beside this very program, where whoever could plant a file could as well plant
    /// the program: below ../share where a package put both, or in the source tree
    /// (.build/MACHINE/release/cps). Nothing in the environment leads elsewhere.
    private static var path: String? {
        guard let program = unsafe realpath("/proc/self/exe", nil) else { return nil }
        defer { unsafe free(program) }
        let folder = unsafe String(cString: program).split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let places = ["../share/cps-pkcs11/scripts/register", "../../../scripts/register"]
        return places.map { "\(folder)/\($0)" }.first { unsafe access($0, X_OK) == 0 }
    }
}
