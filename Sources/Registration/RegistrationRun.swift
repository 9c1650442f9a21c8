// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// One run: what is to be set up or undone, for whom, and what was done so far.
final class RegistrationRun {
    let options: Options
    let machine: Machine
    let tree: LinklessTree
    let report: StepReport
    /// Whether profiles are left that have the module and could not be changed.
    var hasLeftProfiles = false

    /// The home folder of whom it is done for.
    var home: String { machine.home }
    var isUndo: Bool { options.isUndo }

    init(_ options: Options) {
        self.options = options
        let home = options.home ?? Machine.environment("HOME") ?? "/root"
        machine = Machine(root: options.root, home: home)
        tree = LinklessTree(root: options.root)
        report = StepReport(options.form)
    }

    /// Does all steps; one that fails keeps none of the others from being done.
    func doAll() {
        for step in options.steps.isEmpty && !options.onlyProfiles ? found() : options.steps {
            report.word = step.word.rawValue
            do throws(Obstacle) {
                try run(step)
            } catch {
                report.add(.failed, error.message)
            }
        }
    }

    private func run(_ step: Step) throws(Obstacle) {
        if options.onlyProfiles {
            if let program = step.word.program { try changeProfiles(of: program) }
            return
        }
        guard step.word.isForAllUsers else { return try runForUsers(step) }
        if let program = step.word.program, try runForSandboxesAlone(of: program) { return }
        try needsRoot()
        switch step.word {
        case .library: isUndo ? try undoLibrary() : try registerLibrary()
        case .p11Kit: isUndo ? try undoP11Kit() : try registerP11Kit()
        case .officialPath: isUndo ? try undoOfficialPath() : try registerOfficialPath()
        default:
            guard let program = step.word.program else { return }
            isUndo ? try undoPolicies(of: program) : try registerPolicies(of: program)
        }
    }

    /// What a user sets up for himself; with `--all-users` for each person.
    private func runForUsers(_ step: Step) throws(Obstacle) {
        if step.word == .sandboxes, options.account == nil, geteuid() == 0 || !machine.root.isEmpty {
            return runForAllUsers(ofProgram: step.argument)
        }
        if options.forAllUsers {
            try needsRoot()
            if let program = step.word.program { connectSnaps(of: program) }
            for account in Account.all(on: machine, home: home) where account.isPerson {
                runAs(account, step)
            }
            return
        }
        // Root's own rights are not for what belongs to somebody else: a database, or with sudo -E
        // the home.
        let place = step.word == .nss ? step.argument : home
        if geteuid() == 0, let owner = Account(ownerOf: place, home: home, on: machine), owner.user != 0 {
            return runAs(owner, step)
        }
        try runForUser(step)
    }

    func runForUser(_ step: Step) throws(Obstacle) {
        switch step.word {
        case .nss: isUndo ? try undoNSS(step.argument) : try registerNSS(step.argument)
        case .chromium: isUndo ? try undoChromium() : try registerChromium()
        case .openssh: isUndo ? try undoOpenSSH() : try registerOpenSSH()
        case .java: isUndo ? try undoJava() : try registerJava()
        case .openssl: isUndo ? try undoOpenSSL() : try registerOpenSSL()
        case .sandboxes: try changeSandboxes(ofProgram: step.argument)
        default: break
        }
    }

    /// Does a step with the rights of an account: here if it is ours, else in a process of its own.
    /// One account for which it fails keeps it from no other one.
    func runAs(_ account: Account, _ step: Step, onlyProfiles: Bool = false) {
        do throws(Obstacle) {
            try attempt(step, as: account, onlyProfiles: onlyProfiles)
        } catch {
            report.add(.failed, error.message)
        }
    }

    private func attempt(_ step: Step, as account: Account, onlyProfiles: Bool) throws(Obstacle) {
        guard account.user != geteuid() || account.home != home else {
            guard onlyProfiles, let program = step.word.program else { return try runForUser(step) }
            return try changeProfiles(of: program)
        }
        guard machine.root.isEmpty, geteuid() == 0 else {
            // Tests' own trees belong to one user.
            let other = RegistrationRun(
                options.for(account, step, onlyProfiles: onlyProfiles, form: options.form), report)
            defer { hasLeftProfiles = hasLeftProfiles || other.hasLeftProfiles }
            if onlyProfiles, let program = step.word.program { return try other.changeProfiles(of: program) }
            return try other.runForUser(step)
        }
        let isCaught = options.form != .text
        let child = Subprocess(
            "/proc/self/exe",
            options.for(account, step, onlyProfiles: onlyProfiles, form: isCaught ? .lines : .text).words,
            home: account.home, isCaught: isCaught)
        guard let result = Outcome(status: child.status) else {
            throw Obstacle(
                Message(
                    "\(account.home) could not be set up: no process with its owner's rights.",
                    fr: "\(account.home) n'a pas pu être réglé : pas de processus avec les droits de son propriétaire.")
            )
        }
        hasLeftProfiles = hasLeftProfiles || result.contains(.leftProfiles)
        report.add(lines: child.output, hasChanged: result.contains(.changed), hasFailed: result.contains(.failed))
    }

    private init(_ options: Options, _ report: StepReport) {
        self.options = options
        machine = Machine(root: options.root, home: options.home ?? "/root")
        tree = LinklessTree(root: options.root)
        self.report = report
    }

    /// What a process that worked for another one has to tell it, as its exit status.
    var outcome: Outcome {
        var outcome: Outcome = []
        if report.hasChanged { outcome.insert(.changed) }
        if hasLeftProfiles { outcome.insert(.leftProfiles) }
        if report.hasFailed { outcome.insert(.failed) }
        return outcome
    }
}

/// How the work for one account ended.
struct Outcome: OptionSet {
    let rawValue: Int32
    static let changed = Outcome(rawValue: 1)
    static let leftProfiles = Outcome(rawValue: 2)
    static let failed = Outcome(rawValue: 4)

    /// Apart from what a shell or a signal would give.
    private static let base: Int32 = 40
    var status: Int32 { Outcome.base + rawValue }

    init(rawValue: Int32) { self.rawValue = rawValue }

    init?(status: Int32) {
        guard (Outcome.base..<Outcome.base + 8).contains(status) else { return nil }
        self.init(rawValue: status - Outcome.base)
    }
}

// MARK: What all steps use

extension RegistrationRun {
    var isDryRun: Bool { options.isDryRun }

    /// Says what is done, and does it unless this is a dry run.
    func change(
        _ message: Message, _ path: String, difference: @autoclosure () -> String? = nil,
        _ body: () throws(Obstacle) -> Void
    ) throws(Obstacle) {
        guard !isDryRun else {
            report.add(.planned, message, path: path, difference: difference())
            return
        }
        try body()
        report.add(.done, message, path: path)
    }

    func nothingToDo() {
        let word = report.word
        report.add(.unchanged, Message("\(word): nothing to do.", fr: "\(word) : rien à faire."))
    }

    func needsRoot() throws(Obstacle) {
        guard isDryRun || geteuid() == 0 || !machine.root.isEmpty else {
            let word = report.word
            throw Obstacle(
                Message(
                    "Please run this as root: \(word) is set up for all users.",
                    fr: "À lancer en tant que root : \(word) se règle pour tous les utilisateurs."))
        }
    }

    /// Installed already; a dry run does not mind.
    func needsLibrary(_ file: LibraryFile) throws(Obstacle) {
        let path = machine.path(of: file)
        guard isDryRun || machine.exists(path) else {
            throw Obstacle(
                Message(
                    "\(path) is missing: first register \"library\", as root.",
                    fr: "\(path) manque : enregistrez d'abord « library », en tant que root."))
        }
    }

    /// The first line of a file that is ours as a whole. Version 0.1.0 wrote the same.
    static let ownMark = "# cps-pkcs11: scripts/register"

    /// Writes a file that is ours as a whole; somebody else's file of this name is left alone.
    func writeOwnFile(_ path: String, _ text: String, in tree: LinklessTree? = nil) throws(Obstacle) {
        let tree = tree ?? self.tree
        let wanted = Array("\(RegistrationRun.ownMark)\n\(text)".utf8)
        let present = try tree.content(of: path)
        if present == wanted { return nothingToDo() }
        try refuseForeign(path, present)
        try change(
            Message("write \(path)", fr: "écrire \(path)"), path,
            difference: LineDifference.text(path, from: present, to: wanted)
        ) { () throws(Obstacle) in try tree.write(wanted, to: path, mode: 0o644) }
    }

    func removeOwnFile(_ path: String, in tree: LinklessTree? = nil) throws(Obstacle) {
        let tree = tree ?? self.tree
        guard let present = try tree.content(of: path) else { return nothingToDo() }
        try refuseForeign(path, present)
        try refusePackaged(path)
        try removeFile(path, present, in: tree)
    }

    /// With its folder, if nothing else is in that.
    func removeFile(_ path: String, _ present: [UInt8], in tree: LinklessTree) throws(Obstacle) {
        try change(
            Message("remove \(path)", fr: "supprimer \(path)"), path,
            difference: LineDifference.text(path, from: present, to: nil)
        ) { () throws(Obstacle) in
            try tree.remove(path)
            tree.removeFolderIfEmpty(LinklessTree.parent(of: path))
        }
    }

    private func refuseForeign(_ path: String, _ present: [UInt8]?) throws(Obstacle) {
        guard let present, !present.starts(with: Array("\(RegistrationRun.ownMark)\n".utf8)) else { return }
        throw Obstacle(
            Message(
                "\(path) was not written by this program, and is left as it is.",
                fr: "\(path) n'a pas été écrit par ce programme, et reste tel quel."))
    }

    /// What a package has installed, its package manager changes.
    func refusePackaged(_ path: String) throws(Obstacle) {
        guard machine.root.isEmpty, isPackaged(path) else { return }
        throw Obstacle(
            Message(
                "\(path) belongs to a package: install or remove that instead.",
                fr: "\(path) appartient à un paquet : c'est lui qu'il faut installer ou supprimer."))
    }

    private func isPackaged(_ path: String) -> Bool {
        let query =
            machine.exists("/usr/bin/dpkg-query")
            ? ("/usr/bin/dpkg-query", ["--search", path]) : ("/usr/bin/rpm", ["--query", "--file", path])
        return Subprocess(query.0, query.1, home: home, isCaught: true).status == 0
    }
}
