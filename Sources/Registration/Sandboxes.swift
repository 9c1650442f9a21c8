// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// Programs that Snap or Flatpak keeps apart from the system: each user has a folder of copies for
/// them (docs/clients/sandboxes.md).
extension RegistrationRun {
    /// Does it for the user who asks; as root for all who have used the program.
    /// - Returns: whether that is all that can be done: the program is nowhere else, or for root to
    ///   set up there.
    func runForSandboxesAlone(of program: ClientProgram) throws(Obstacle) -> Bool {
        let actsForAll = (geteuid() == 0 || !machine.root.isEmpty) && program.word.isForAllUsers
        let isElsewhere = program.place(on: machine) != nil
        if actsForAll {
            // Users have Flatpaks of their own.
            let isAnywhere = runForAllUsers(of: program)
            // A package sets up what may be installed later; to undo, it may have been there.
            return isAnywhere && !isElsewhere && !isUndo && !options.isUnasked
        }
        guard !sandboxes(of: program, on: machine).isEmpty else { return false }
        try changeSandboxes(of: program)
        if isElsewhere, program.word.isForAllUsers {
            let command = "sudo cps \(isUndo ? "unregister" : "register") \(program.word.rawValue)"
            report.add(
                .note,
                Message(
                    "\(program.name) outside of Snap and Flatpak is set up for all users: \(command)",
                    fr: "Hors de Snap et Flatpak, \(program.name) se règle pour tous : \(command)"))
        }
        return program.word.isForAllUsers || !isElsewhere
    }

    /// Those that are installed; to undo, also those whose copies are left.
    private func sandboxes(of program: ClientProgram, on machine: Machine) -> [Sandbox] {
        program.sandboxes.filter { sandbox in
            sandbox.folder(on: machine) != nil
                || isUndo && machine.mayExist(SandboxCopies.folder(for: sandbox, on: machine))
        }
    }

    /// As root, for all users.
    /// - Parameter word: of one program of the table; empty for all of them.
    func runForAllUsers(ofProgram word: String) {
        for program in ClientProgram.all where word.isEmpty || program.word.rawValue == word {
            report.word = program.word.rawValue
            _ = runForAllUsers(of: program)
        }
    }

    /// - Returns: whether anybody has it in a sandbox.
    private func runForAllUsers(of program: ClientProgram) -> Bool {
        let users = Account.all(on: machine, home: home).filter { account in
            let theirs = Machine(root: machine.root, home: account.home)
            return sandboxes(of: program, on: theirs).contains { theirs.mayExist($0.dataFolder(on: theirs)) }
        }
        connectSnaps(of: program)
        let step = Step(word: .sandboxes, argument: program.word.rawValue)
        for account in users { runAs(account, step) }
        let isInstalled = !program.sandboxes(on: machine).isEmpty
        if users.isEmpty, isInstalled, !isUndo, !options.isUnasked {
            report.add(
                .note,
                Message(
                    "Nobody has used \(program.name) in a Snap or Flatpak yet: start and end it once, then repeat this.",
                    fr:
                        "Personne ne s'est encore servi de \(program.name) en Snap ou Flatpak : lancez et quittez-le une fois, puis recommencez."
                ))
        }
        return isInstalled || !users.isEmpty
    }

    /// What belongs to the system is root's to connect.
    func connectSnaps(of program: ClientProgram) {
        guard machine.root.isEmpty, !isUndo, !options.isUnasked else { return }
        for sandbox in program.sandboxes(on: machine) where sandbox.isSnap && !sandbox.reachesService(on: machine) {
            connect(sandbox)
        }
    }

    /// For this user: one program of the table, or all.
    func changeSandboxes(ofProgram word: String) throws(Obstacle) {
        for program in ClientProgram.all where word.isEmpty || program.word.rawValue == word {
            report.word = program.word.rawValue
            try changeSandboxes(of: program)
        }
    }

    private func changeSandboxes(of program: ClientProgram) throws(Obstacle) {
        for sandbox in sandboxes(of: program, on: machine) {
            let copies = SandboxCopies(of: program.library, for: sandbox, on: machine)
            let databases = sandbox.databases(of: program, on: machine)
            if isUndo {
                try undo(copies, databases)
            } else {
                try register(sandbox, copies, databases)
            }
        }
    }

    /// Whether the copy of a program of Chromium's kind is in this database.
    func sharesWithSandbox(_ folder: String) -> Bool {
        ClientProgram.chromium.sandboxes(on: machine).contains { sandbox in
            let copies = SandboxCopies(of: ClientProgram.chromium.library, for: sandbox, on: machine)
            return hasModule(folder, copies.library) && machine.exists(copies.library)
        }
    }

    private func register(_ sandbox: Sandbox, _ copies: SandboxCopies, _ databases: [String]) throws(Obstacle) {
        // A package keeps copies current; it makes none.
        if options.isUnasked, !machine.exists(copies.library) { return }
        guard options.isUnasked || !databases.isEmpty else {
            report.add(
                .note,
                Message(
                    "\(sandbox.name) has no profile yet: start and end it once, then repeat this.",
                    fr: "\(sandbox.name) n'a pas encore de profil : lancez et quittez-le une fois, puis recommencez."))
            return
        }
        try write(copies, for: sandbox)
        if options.isUnasked { return }
        for database in databases { try addModule(copies.library, to: database) }
        if !sandbox.reachesService(on: machine) { connect(sandbox) }
    }

    private func write(_ copies: SandboxCopies, for sandbox: Sandbox) throws(Obstacle) {
        if let name = copies.missing.first {
            throw Obstacle(
                Message(
                    "\(name), which the library needs, was not found.",
                    fr: "\(name), dont la bibliothèque a besoin, n'a pas été trouvé."))
        }
        let wanted = Set(copies.files.map(\.target))
        let left = present(copies).filter { !wanted.contains($0) }
        if copies.areCurrent(on: machine), left.isEmpty { return nothingToDo() }
        try change(
            Message(
                "copies for \(sandbox.name) in \(copies.folder); restart it",
                fr: "des copies pour \(sandbox.name) dans \(copies.folder) ; redémarrez-le"), copies.folder
        ) { () throws(Obstacle) in
            for file in copies.files {
                guard let bytes = machine.bytes(of: file.source) else { throw Obstacle(file.source, ENOENT) }
                let place = resolved(file.target)
                // A program that has the old file loaded keeps it: this is a new file of that name.
                try place.tree.write(bytes, to: place.path, mode: 0o644)
            }
            for path in left { try remove(path) }
        }
    }

    /// The libraries beside ours that are there now.
    private func present(_ copies: SandboxCopies) -> [String] {
        machine.names(in: copies.libraries).map { "\(copies.libraries)/\($0)" }
    }

    private func undo(_ copies: SandboxCopies, _ databases: [String]) throws(Obstacle) {
        for database in databases where hasModule(database, copies.library) {
            do throws(Obstacle) {
                try deleteModule(from: database)
            } catch {
                // A package cannot come back for it, and without its file a module does nothing.
                guard options.isUnasked else { throw error }
                report.add(.note, error.message)
            }
        }
        let files = present(copies) + (machine.exists(copies.library) ? [copies.library] : [])
        guard !files.isEmpty else { return nothingToDo() }
        try change(Message("remove \(copies.folder)", fr: "supprimer \(copies.folder)"), copies.folder) {
            () throws(Obstacle) in
            for path in files { try remove(path) }
            for folder in [copies.libraries, copies.folder] {
                let place = resolved(folder)
                place.tree.removeFolderIfEmpty(place.path)
            }
        }
    }

    private func remove(_ path: String) throws(Obstacle) {
        let place = resolved(path)
        try place.tree.remove(place.path)
    }

    /// Lets it reach pcscd, or says how.
    private func connect(_ sandbox: Sandbox) {
        let command = sandbox.connecting.joined(separator: " ")
        if let name = sandbox.connecting.first, machine.root.isEmpty, !sandbox.isSnap || geteuid() == 0,
            Subprocess.isInstalled(name)
        {
            if isDryRun { return report.add(.planned, Message(command, fr: command)) }
            let arguments = Array(sandbox.connecting.dropFirst())
            if Subprocess(name, arguments, home: home, isCaught: true).status == 0 {
                return report.add(.done, Message(command, fr: command))
            }
        }
        report.add(
            .note,
            Message(
                "\(sandbox.name) reaches the smart card service after: \(sandbox.connectingCommand)",
                fr: "\(sandbox.name) atteint le service des cartes après : \(sandbox.connectingCommand)"))
    }
}
