// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// The module in an NSS database, by modutil: Chromium's, or any other.
extension RegistrationRun {
    /// Whether a database has it: by our name, and with this file.
    func hasModule(_ folder: String, _ library: String? = nil) -> Bool {
        NSSDatabase(folder: folder, on: machine)?.modules.contains { module in
            module.name == ClientFile.moduleName && (library == nil || module.library == library)
        } ?? false
    }

    /// - Returns: what modutil said.
    @discardableResult
    func modutil(_ folder: String, _ words: String...) -> Subprocess {
        Subprocess(
            "modutil", ["-dbdir", "sql:\(machine.root)\(folder)", "-force"] + words, home: home, isCaught: true)
    }

    func couldNotChange(_ folder: String) -> Message {
        Message("modutil could not change \(folder).", fr: "modutil n'a pas pu modifier \(folder).")
    }

    func needsNSSTool(_ name: String) throws(Obstacle) {
        guard !Subprocess.isInstalled(name) else { return }
        let package = PackageTool(on: machine).package(for: .nssTools)
        throw Obstacle(
            Message(
                "\(name) is missing; please install the package \(package).",
                fr: "\(name) manque ; installez le paquet \(package)."))
    }

    private func add(_ library: LibraryFile, to folder: String) throws(Obstacle) {
        try needsLibrary(library)
        try addModule(machine.path(of: library), to: folder)
    }

    /// - Parameter path: of the library.
    func addModule(_ path: String, to folder: String) throws(Obstacle) {
        if hasModule(folder, path) { return nothingToDo() }
        try needsNSSTool("modutil")
        if hasModule(folder) { try deleteModule(from: folder) }
        try change(
            Message(
                "module \"\(ClientFile.moduleName)\" into the NSS database \(folder)",
                fr: "module « \(ClientFile.moduleName) » dans la base NSS \(folder)"), folder
        ) { () throws(Obstacle) in
            try check(modutil(folder, "-add", ClientFile.moduleName, "-libfile", path), folder)
        }
    }

    func deleteModule(from folder: String) throws(Obstacle) {
        guard hasModule(folder) else { return nothingToDo() }
        try needsNSSTool("modutil")
        try change(
            Message(
                "module \"\(ClientFile.moduleName)\" out of the NSS database \(folder)",
                fr: "module « \(ClientFile.moduleName) » hors de la base NSS \(folder)"), folder
        ) { () throws(Obstacle) in
            try check(modutil(folder, "-delete", ClientFile.moduleName), folder)
        }
    }

    private func check(_ result: Subprocess, _ folder: String) throws(Obstacle) {
        guard result.status != 0 else { return }
        let message = couldNotChange(folder)
        throw Obstacle(Message(result.output + message.english, fr: result.output + message.french))
    }

    // MARK: Chromium

    var chromiumDatabase: String { "\(home)/\(ClientProgram.chromiumDatabase)" }

    func registerChromium() throws(Obstacle) {
        if try runForSandboxesAlone(of: .chromium) { return }
        let folder = chromiumDatabase
        // A Flatpak that sees the home folder has the same one, and its copy serves both.
        if sharesWithSandbox(folder) { return }
        if !machine.exists(folder + "/cert9.db") {
            try needsNSSTool("certutil")
            try needsLibrary(.browser)
            try change(
                Message("make the NSS database \(folder)", fr: "créer la base NSS \(folder)"), folder
            ) { () throws(Obstacle) in
                let place = resolved(folder)
                try place.tree.makeFolder(place.path, mode: 0o700)
                let words = ["-N", "-d", "sql:\(machine.root)\(folder)", "--empty-password"]
                try check(Subprocess("certutil", words, home: home, isCaught: true), folder)
            }
        }
        try add(.browser, to: folder)
    }

    /// The database stays: Chromium would make the same one, and may have filled it.
    func undoChromium() throws(Obstacle) {
        _ = try runForSandboxesAlone(of: .chromium)
        try deleteModule(from: chromiumDatabase)
    }

    // MARK: Any database

    func registerNSS(_ folder: String) throws(Obstacle) {
        try needsDatabase(folder)
        try add(.browser, to: folder)
    }

    func undoNSS(_ folder: String) throws(Obstacle) {
        try needsDatabase(folder)
        try deleteModule(from: folder)
    }

    private func needsDatabase(_ folder: String) throws(Obstacle) {
        guard machine.exists(folder + "/cert9.db") else {
            throw Obstacle(
                Message("\(folder) holds no NSS database.", fr: "\(folder) ne contient pas de base NSS."))
        }
    }
}
