// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// Enterprise policies of Firefox and Thunderbird (SecurityDevices).
///
/// A profile keeps a module whose policy has gone. So undoing takes it out of the profiles here;
/// where that fails, the policy says Delete, until undone once more.
extension RegistrationRun {
    /// A policies.json, and what lies beside it until undone.
    private struct Place {
        let program: ClientProgram
        let file: String
        /// The file as it was before.
        var copy: String { file + ".before-cps-pkcs11" }
        /// The policies of the distribution, with which a new file began.
        var origin: String { file + ".distribution-cps-pkcs11" }

        init?(_ program: ClientProgram) {
            guard let policies = program.policies else { return nil }
            self.program = program
            file = policies.file
        }
    }

    /// What is there now.
    private struct Present {
        let file: PolicyFile?
        let copy: PolicyFile?
        let origin: PolicyFile?

        /// Whether nobody else has a part in the file, or it says Delete because of us.
        var isOurs: Bool {
            guard let file else { return true }
            return copy == nil && origin == nil ? file.isOursAlone : file.deletesOurs
        }
    }

    private func present(_ place: Place) throws(Obstacle) -> Present {
        Present(
            file: try policies(tree.content(of: place.file), place.file),
            copy: try policies(tree.content(of: place.copy), place.copy),
            origin: try policies(tree.content(of: place.origin), place.origin))
    }

    private func policies(_ bytes: [UInt8]?, _ path: String) throws(Obstacle) -> PolicyFile? {
        guard let bytes else { return nil }
        do {
            return try PolicyFile(bytes)
        } catch {
            throw Obstacle(
                Message(
                    "\(path): no valid policies; it is left as it is.",
                    fr: "\(path) : règles non valides ; le fichier reste tel quel."))
        }
    }

    /// The policies that come with the program, if some do: a file in /etc would hide them.
    private func distribution(_ place: Place) -> String? { machine.first(of: place.program.distributions) }

    // MARK: Registering

    func registerPolicies(of program: ClientProgram) throws(Obstacle) {
        guard let place = Place(program) else { return }
        try needsLibrary(program.library)
        if program.library == .full, machine.loadsP11KitEverywhere,
            P11KitModule.all(on: machine).contains(where: { $0.module == .ours && $0.isEnabled(for: program) })
        {
            report.add(
                .unchanged,
                Message(
                    "\(program.name) sees the card through p11-kit: nothing to do.",
                    fr: "\(program.name) voit la carte par p11-kit : rien à faire."))
            return
        }
        try addPolicy(place)
        if !program.knowsModulePolicy(on: machine) {
            report.add(
                .note,
                Message(
                    "This \(program.name) knows no policy for modules: the module goes into the profiles that there are. Repeat this for new ones.",
                    fr:
                        "Ce \(program.name) ne connaît pas la règle des modules : le module entre dans les profils existants. À refaire pour un nouveau profil."
                ))
            runForProfiles(of: program)
        }
    }

    private func addPolicy(_ place: Place) throws(Obstacle) {
        let present = try present(place)
        let library = machine.path(of: place.program.library)
        guard let file = present.file else { return try newPolicy(place, library) }
        let wanted = registered(present, file, library)
        if wanted == file.bytes { return nothingToDo() }
        if options.isUnasked, !present.isOurs {
            leave(
                place,
                Message("\(place.file) is there and stays as it is.", fr: "\(place.file) existe et reste tel quel."))
            return
        }
        let isNewOrigin = !file.mentionsOurs || present.copy == nil && present.origin == nil && !file.isOursAlone
        try step(place, "into", "dans", from: file.bytes, to: wanted) { () throws(Obstacle) in
            if isNewOrigin {
                try tree.write(file.bytes, to: place.copy, mode: 0o644, like: tree.status(of: place.file))
            }
            try tree.write(wanted, to: place.file, mode: 0o644)
        }
    }

    /// The file with our module. One that we made Delete in is made of its origin again.
    private func registered(_ present: Present, _ file: PolicyFile, _ library: String) -> [UInt8] {
        if let origin = present.copy ?? present.origin, file.deletesOurs, file.saysTheSame(as: origin.deleting) {
            return origin.adding(library).bytes
        }
        return file.isOursAlone && file.ownLibrary != library ? PolicyFile.adding(library) : file.adding(library).bytes
    }

    private func newPolicy(_ place: Place, _ library: String) throws(Obstacle) {
        guard let distribution = distribution(place) else {
            let wanted = PolicyFile.adding(library)
            return try step(place, "into", "dans", from: nil, to: wanted) { () throws(Obstacle) in
                try tree.write(wanted, to: place.file, mode: 0o644)
            }
        }
        if options.isUnasked {
            leave(
                place,
                Message(
                    "\(distribution) has policies, which \(place.file) would hide: nothing is written.",
                    fr: "\(distribution) contient des règles, que \(place.file) cacherait : rien n'est écrit."))
            return
        }
        guard let origin = try policies(machine.bytes(of: distribution), distribution) else {
            throw Obstacle(distribution, EACCES)
        }
        let wanted = origin.adding(library).bytes
        try step(place, "into", "dans", from: nil, to: wanted) { () throws(Obstacle) in
            try tree.write(origin.bytes, to: place.origin, mode: 0o644)
            try tree.write(wanted, to: place.file, mode: 0o644)
        }
        report.add(
            .note,
            Message(
                "The file begins with the policies of \(distribution), which it hides from now on.",
                fr: "Le fichier reprend les règles de \(distribution), qu'il cache désormais."),
            path: distribution)
    }

    private func leave(_ place: Place, _ reason: Message) {
        let word = place.program.word.rawValue
        report.add(
            .note,
            Message(
                "\(reason.english) To add the card: sudo cps register \(word)",
                fr: "\(reason.french) Pour y ajouter la carte : sudo cps register \(word)"),
            path: place.file)
    }

    private func step(
        _ place: Place, _ english: String, _ french: String, from before: [UInt8]?, to after: [UInt8],
        _ body: () throws(Obstacle) -> Void
    ) throws(Obstacle) {
        let word = place.program.word.rawValue
        try change(
            Message(
                "the policy \"\(ClientFile.moduleName)\" \(english) \(place.file); restart \(word)",
                fr: "la règle « \(ClientFile.moduleName) » \(french) \(place.file) ; redémarrez \(word)"),
            place.file, difference: LineDifference.text(place.file, from: before, to: after), body)
    }

    // MARK: Undoing

    func undoPolicies(of program: ClientProgram) throws(Obstacle) {
        guard let place = Place(program) else { return }
        hasLeftProfiles = false
        runForProfiles(of: program)
        if hasLeftProfiles, !options.isUnasked {
            let word = program.word.rawValue
            report.add(
                .note,
                Message(
                    "Some profiles still have the module: each user starts \(word) once, then undo once more.",
                    fr:
                        "Des profils ont encore le module : chaque utilisateur lance \(word) une fois, puis annulez à nouveau."
                ))
            return try deletePolicy(place)
        }
        if hasLeftProfiles {
            // Nobody could take a Delete away when the package is gone.
            report.add(
                .note,
                Message(
                    "Some profiles still list the module. Without its file it does nothing; it can be unloaded in \(program.name)'s list of security devices.",
                    fr:
                        "Des profils citent encore le module. Sans son fichier il ne fait rien ; la liste des périphériques de sécurité de \(program.name) permet de le décharger."
                ))
        }
        try removePolicy(place)
    }

    /// The policy says Delete in place of Add: the next start of the program takes the module away.
    private func deletePolicy(_ place: Place) throws(Obstacle) {
        let present = try present(place)
        let before = present.file?.bytes
        let wanted: [UInt8]
        if let file = present.file {
            wanted = file.isOursAlone ? PolicyFile.deleting : deleted(present, file)
        } else if let distribution = distribution(place),
            let base = try policies(machine.bytes(of: distribution), distribution)
        {
            wanted = base.deleting.bytes
        } else {
            wanted = PolicyFile.deleting
        }
        if wanted == before { return nothingToDo() }
        try step(place, "out of", "hors de", from: before, to: wanted) { () throws(Obstacle) in
            try tree.write(wanted, to: place.file, mode: 0o644)
        }
    }

    private func deleted(_ present: Present, _ file: PolicyFile) -> [UInt8] {
        if let origin = present.copy ?? present.origin, let library = file.ownLibrary,
            file.saysTheSame(as: origin.adding(library))
        {
            return origin.deleting.bytes
        }
        return file.deleting.bytes
    }

    private func removePolicy(_ place: Place) throws(Obstacle) {
        let present = try present(place)
        guard let file = present.file else {
            try removeCopies(place)
            return nothingToDo()
        }
        let wanted = try original(place, present, file)
        guard let wanted else {
            return try change(
                Message("remove \(place.file)", fr: "supprimer \(place.file)"), place.file,
                difference: LineDifference.text(place.file, from: file.bytes, to: nil)
            ) { () throws(Obstacle) in
                try removeCopies(place)
                try tree.remove(place.file)
                let folder = LinklessTree.parent(of: place.file)
                tree.removeFolderIfEmpty(folder)
                tree.removeFolderIfEmpty(LinklessTree.parent(of: folder))
            }
        }
        if wanted == file.bytes {
            try removeCopies(place)
            return nothingToDo()
        }
        try step(place, "out of", "hors de", from: file.bytes, to: wanted) { () throws(Obstacle) in
            try tree.write(wanted, to: place.file, mode: 0o644)
            try removeCopies(place)
        }
    }

    /// What the file is without us; nil if there was none. Where nobody else has changed it since,
    /// it is what it was, byte for byte. Else our part is taken out of its text.
    private func original(_ place: Place, _ present: Present, _ file: PolicyFile) throws(Obstacle) -> [UInt8]? {
        guard file.mentionsOurs else { return file.bytes }
        if let copy = present.copy { return isOnlyOurs(file, beside: copy) ? copy.bytes : file.removed.bytes }
        if file.isOursAlone { return nil }
        var origin = present.origin
        // Version 0.1.0 remembered no origin.
        if origin == nil, let distribution = distribution(place) {
            origin = try? policies(machine.bytes(of: distribution), distribution)
        }
        if let origin, isOnlyOurs(file, beside: origin) { return nil }
        return file.removed.bytes
    }

    /// Whether a file is what we make of another one.
    private func isOnlyOurs(_ file: PolicyFile, beside origin: PolicyFile) -> Bool {
        file.ownLibrary.map { file.saysTheSame(as: origin.adding($0)) } ?? false
            || file.saysTheSame(as: origin.deleting)
    }

    private func removeCopies(_ place: Place) throws(Obstacle) {
        guard !isDryRun else { return }
        for path in [place.copy, place.origin] where tree.status(of: path) != nil { try tree.remove(path) }
    }
}

/// Profiles, each changed with the rights of its owner.
extension RegistrationRun {
    /// Changes the profiles of all users.
    private func runForProfiles(of program: ClientProgram) {
        guard let policies = program.policies else { return }
        for account in Account.all(on: machine, home: home)
        where policies.profiles.contains(where: { machine.mayExist("\(account.home)/\($0)") }) {
            runAs(account, Step(word: program.word), onlyProfiles: true)
        }
    }

    /// Changes the profiles below this user's home.
    func changeProfiles(of program: ClientProgram) throws(Obstacle) {
        guard let policies = program.policies else { return }
        let folders = policies.profiles.flatMap { folder in
            machine.names(in: "\(home)/\(folder)").map { "\(home)/\(folder)/\($0)" }
        }
        for folder in folders {
            if isUndo {
                forget(profile: folder)
            } else {
                try add(machine.path(of: program.library), toProfile: folder)
            }
        }
    }

    private func add(_ library: String, toProfile folder: String) throws(Obstacle) {
        guard machine.exists(folder + "/cert9.db"), !hasModule(folder, library) else { return }
        try needsNSSTool("modutil")
        let message = Message(
            "module \"\(ClientFile.moduleName)\" into the profile \(folder)",
            fr: "module « \(ClientFile.moduleName) » dans le profil \(folder)")
        changeProfile(folder, message) {
            if hasModule(folder) { modutil(folder, "-delete", ClientFile.moduleName) }
            modutil(folder, "-add", ClientFile.moduleName, "-libfile", library)
            return hasModule(folder, library)
        }
    }

    private func forget(profile folder: String) {
        guard hasModule(folder) else { return }
        let message = Message(
            "module \"\(ClientFile.moduleName)\" out of the profile \(folder)",
            fr: "module « \(ClientFile.moduleName) » hors du profil \(folder)")
        changeProfile(folder, message) {
            modutil(folder, "-delete", ClientFile.moduleName)
            if hasModule(folder) { hasLeftProfiles = true }
            return !hasModule(folder)
        }
    }

    /// One profile that cannot be changed keeps nobody else from being set up.
    private func changeProfile(_ folder: String, _ message: Message, _ body: () -> Bool) {
        if isDryRun { return report.add(.planned, message, path: folder) }
        if body() {
            report.add(.done, message, path: folder)
        } else {
            report.add(.note, couldNotChange(folder), path: folder)
        }
    }
}
