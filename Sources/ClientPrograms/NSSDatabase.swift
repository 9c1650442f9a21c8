// SPDX-License-Identifier: Apache-2.0

/// The modules of an NSS database: Chromium's, or a profile of Firefox's or Thunderbird's.
public struct NSSDatabase: Sendable {
    /// Where it is.
    public let folder: String
    /// Its modules, as they stand in `pkcs11.txt`.
    public let modules: [Module]

    /// A module of a database.
    public struct Module: Equatable, Sendable {
        /// The name under which programs list it.
        public let name: String
        /// The library's path; empty for NSS's own module.
        public let library: String
    }

    /// The library of each module.
    public var libraries: [String] { modules.map(\.library).filter { !$0.isEmpty } }

    /// nil when there is no database, or it may not be read.
    public init?(folder: String, on machine: Machine) {
        guard let text = machine.text(of: folder + "/pkcs11.txt") else { return nil }
        self.folder = folder
        var modules: [Module] = []
        var library: String?
        // A module begins with its library; its name follows.
        for line in text.lines {
            if line.hasPrefix("library=") {
                if let library { modules.append(Module(name: "", library: library)) }
                library = String(line.dropFirst("library=".count))
            } else if line.hasPrefix("name="), let file = library {
                modules.append(Module(name: String(line.dropFirst("name=".count)), library: file))
                library = nil
            }
        }
        if let library { modules.append(Module(name: "", library: library)) }
        self.modules = modules
    }

    /// The databases of the profiles below some folders.
    public static func profiles(below folders: [String], on machine: Machine) -> [NSSDatabase] {
        folders.flatMap { folder in
            machine.names(in: folder).compactMap { NSSDatabase(folder: "\(folder)/\($0)", on: machine) }
        }
    }
}
