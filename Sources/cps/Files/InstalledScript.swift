// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Scripts that are installed with this program.
enum InstalledScript {
    /// The path of a script, relative to this program: below ../share in a package, or in the source
    /// tree (.build/MACHINE/release/cps). Whoever can write there can replace the program as well.
    /// The environment has no influence.
    /// - Parameters:
    ///   - name: relative to the folder scripts.
    ///   - mode: what this user must be allowed to do, `R_OK` or `X_OK`.
    /// - Returns: nil if there is no such script.
    static func path(of name: String, mode: Int32) -> String? {
        guard let program = unsafe realpath("/proc/self/exe", nil) else { return nil }
        defer { unsafe free(program) }
        let folder = unsafe String(cString: program).split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let places = ["../share/cps-pkcs11/scripts", "../../../scripts"]
        return places.map { "\(folder)/\($0)/\(name)" }.first { unsafe access($0, mode) == 0 }
    }
}
