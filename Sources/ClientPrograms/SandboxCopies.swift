// SPDX-License-Identifier: Apache-2.0

/// What a program in a sandbox is given: a folder with the library, and beside it copies of the
/// system's libraries that it needs beyond the C and C++ libraries. Our library looks for them
/// there (docs/clients/sandboxes.md).
public struct SandboxCopies: Sendable {
    /// The folder, in a place that the program may load files from.
    public let folder: String
    /// The library there.
    public let library: String
    /// The folder with the system's libraries.
    public let libraries: String
    /// What is copied.
    public let files: [File]
    /// The names of libraries that are needed, and not found on this system.
    public let missing: [String]

    /// A file, and its copy.
    public struct File: Sendable {
        /// The system's file.
        public let source: String
        /// Its copy.
        public let target: String
    }

    /// - Parameters:
    ///   - file: which of the library's two files.
    ///   - sandbox: for whom, in the home of the user whom `machine` belongs to.
    public init(of file: LibraryFile, for sandbox: Sandbox, on machine: Machine) {
        let source = machine.path(of: file)
        folder = SandboxCopies.folder(for: sandbox, on: machine)
        library = "\(folder)/\(source.parts("/").last ?? "")"
        libraries = "\(folder)/cps-pkcs11-libraries"
        var files = [File(source: source, target: library)], missing: [String] = []
        var names = SandboxCopies.needed(by: source, on: machine)
        // From 2.3 on libpcsclite.so.1 loads the other one by itself.
        names += names.contains("libpcsclite.so.1") ? ["libpcsclite_real.so.1"] : []
        for name in names {
            if let path = SandboxCopies.path(of: name, on: machine) {
                files.append(File(source: path, target: "\(libraries)/\(name)"))
            } else if name != "libpcsclite_real.so.1" {
                missing.append(name)
            }
        }
        self.files = files
        self.missing = missing
    }

    /// The folder for a program, in the home of the user whom `machine` belongs to.
    public static func folder(for sandbox: Sandbox, on machine: Machine) -> String {
        "\(sandbox.dataFolder(on: machine))/cps-pkcs11"
    }

    /// Whether each copy has the bytes of its original.
    public func areCurrent(on machine: Machine) -> Bool {
        files.allSatisfy { file in
            guard let bytes = machine.bytes(of: file.source) else { return false }
            return machine.bytes(of: file.target) == bytes
        }
    }

    /// What every sandbox has.
    private static let base: Set = [
        "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libstdc++.so.6", "libgcc_s.so.1",
    ]

    private static func needed(by path: String, on machine: Machine) -> [String] {
        guard let bytes = machine.bytes(of: path), let library = SharedLibrary(bytes) else { return [] }
        return library.needed.filter { !base.contains($0) && !$0.hasPrefix("ld-linux") }
    }

    /// Where the system has a library: in the folder that has the folder for modules, or in one
    /// where the dynamic linker looks otherwise.
    private static func path(of name: String, on machine: Machine) -> String? {
        let own = "/" + machine.moduleFolder.parts("/").dropLast().joined(separator: "/")
        return machine.first(of: [own, "/usr/lib64", "/lib64", "/usr/lib", "/lib"].map { "\($0)/\(name)" })
    }
}
