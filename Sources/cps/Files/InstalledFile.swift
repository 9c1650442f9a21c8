// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Files and programs that are installed with this program.
enum InstalledFile {
    /// The path of the first of some files that this user may use. Whoever can write in their folders
    /// can replace this program as well. The environment has no influence.
    /// - Parameters:
    ///   - places: relative to this program's folder: /usr/bin in a package, .build/MACHINE/release in
    ///     the source tree.
    ///   - mode: what this user must be allowed to do, `R_OK` or `X_OK`.
    /// - Returns: nil if there is no such file.
    static func path(_ places: [String], mode: Int32) -> String? {
        guard let program = unsafe realpath("/proc/self/exe", nil) else { return nil }
        defer { unsafe free(program) }
        let folder = unsafe String(cString: program).split(separator: "/").dropLast().map { "/\($0)" }.joined()
        return places.map { "\(folder)/\($0)" }.first { unsafe access($0, mode) == 0 }
    }
}
