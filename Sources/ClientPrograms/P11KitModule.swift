// SPDX-License-Identifier: Apache-2.0

/// One module file of p11-kit (pkcs11.conf(5)).
public struct P11KitModule: Sendable {
    /// The module file.
    public let file: String
    private let library: String
    private let enabledIn: [String]?
    private let disabledIn: [String]?

    /// What it names.
    public var module: KnownModule { KnownModule(path: library) }

    /// Whether it is for every program.
    public var isForEveryProgram: Bool { enabledIn == nil && disabledIn == nil }

    /// Whether p11-kit gives it to a program some of whose processes have these names.
    public func isEnabled(for program: ClientProgram) -> Bool {
        if let enabledIn { return enabledIn.contains { program.processes.contains($0) } }
        guard let disabledIn else { return true }
        return !disabledIn.contains { program.processes.contains($0) }
    }

    /// Where the library is; a name alone means p11-kit's folder.
    public func path(on machine: Machine) -> String {
        library.hasPrefix("/") ? library : "\(machine.moduleFolder)/\(library)"
    }

    /// All of them. A file hides those of the same name in the folders before its own.
    public static func all(on machine: Machine) -> [P11KitModule] {
        var byName: [String: P11KitModule] = [:]
        for folder in ["/usr/share/p11-kit/modules", "/etc/pkcs11/modules", machine.home + "/.config/pkcs11/modules"] {
            for name in machine.names(in: folder) where name.hasSuffix(".module") {
                guard let module = P11KitModule(file: "\(folder)/\(name)", on: machine) else { continue }
                byName[name] = module
            }
        }
        return byName.sorted { $0.key < $1.key }.map(\.value)
    }

    private init?(file: String, on machine: Machine) {
        guard let text = machine.text(of: file) else { return nil }
        self.file = file
        var values: [String: String] = [:]
        for line in text.lines where !line.hasPrefix("#") {
            let parts = line.parts(":", atMost: 2).map { $0.trimmed }
            if let name = parts.first, parts.count == 2 { values[name] = parts.last }
        }
        guard let library = values["module"] else { return nil }
        self.library = library
        let names = { (text: String) in text.split { $0 == "," || $0.isWhitespace }.map(String.init) }
        enabledIn = values["enable-in"].map(names)
        disabledIn = values["disable-in"].map(names)
    }

    /// The text of our own module file. Programs that have the browsers' copy by other means are
    /// named: where NSS loads p11-kit's proxy into every program, they would see the card twice,
    /// with the signature certificate.
    public static func ownText(library: String) -> String {
        let browsers = ClientProgram.all.filter { $0.library == .browser }.flatMap(\.processes)
        return "module: \(library)\npriority: 10\ndisable-in: \(browsers.joined(separator: ", "))\n"
    }
}
