// SPDX-License-Identifier: Apache-2.0

/// The modules of an NSS database: Chromium's, or a profile of Firefox's or Thunderbird's.
struct NSSDatabase {
    let folder: String
    /// The library of each module, as it stands in `pkcs11.txt`.
    let libraries: [String]

    /// nil when there is no database, or it may not be read.
    init?(folder: String, on machine: Machine) {
        guard let text = machine.text(of: folder + "/pkcs11.txt") else { return nil }
        self.folder = folder
        libraries = text.lines.compactMap { line in
            guard line.hasPrefix("library=") else { return nil }
            let path = String(line.dropFirst("library=".count))
            return path.isEmpty ? nil : path
        }
    }

    /// The databases of the profiles below some folders.
    static func profiles(below folders: [String], on machine: Machine) -> [NSSDatabase] {
        folders.flatMap { folder in
            machine.names(in: folder).compactMap { NSSDatabase(folder: "\(folder)/\($0)", on: machine) }
        }
    }
}
