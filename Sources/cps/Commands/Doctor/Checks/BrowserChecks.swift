// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// A program of the table: what it is given by policy for all users, and in its NSS databases.
struct ProgramCheck: Check {
    let program: ClientProgram
    let title: Message

    init(_ program: ClientProgram, title: String? = nil) {
        self.program = program
        let title = title ?? program.name
        self.title = Message(title, fr: title)
    }

    private var word: String { program.word.rawValue }

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        guard program.place(on: machine) != nil else { return [] }
        switch program.means {
        case .policies(let means): return findings(on: machine, means)
        case .database(let folder):
            let database = NSSDatabase(folder: "\(machine.home)/\(folder)", on: machine)
            return registry(
                [], database.map { [$0] } ?? [],
                remedy: Message("As yourself: cps register \(word)", fr: "Sous votre compte : cps register \(word)")
            ).findings(on: machine)
        }
    }

    private func findings(on machine: Machine, _ means: MozillaPolicies) -> [Finding] {
        var libraries: [String] = []
        var findings: [Finding] = []
        // The first one that is there counts.
        if let path = machine.first(of: [means.file] + program.distributions), program.knowsModulePolicy(on: machine) {
            if let bytes = machine.bytes(of: path), let policies = try? PolicyFile(bytes) {
                libraries = Array(policies.added.values)
                if policies.deletesOurs { findings.append(deleted(path)) }
            } else {
                findings.append(unreadable(path))
            }
        }
        let databases = NSSDatabase.profiles(below: means.profiles.map { "\(machine.home)/\($0)" }, on: machine)
        return findings
            + registry(
                libraries, databases,
                remedy: Message("As root: cps register \(word)", fr: "En tant que root : cps register \(word)")
            ).findings(on: machine)
    }

    private func registry(_ libraries: [String], _ databases: [NSSDatabase], remedy: Message) -> NSSRegistry {
        NSSRegistry(program: program, libraries: libraries, databases: databases, remedy: remedy)
    }

    private func unreadable(_ path: String) -> Finding {
        .problem(
            "\(word).policies-unreadable",
            Message(
                "\(path) is not JSON that \(program.name) takes.",
                fr: "\(path) n'est pas un JSON que \(program.name) accepte."),
            Message("Mend that file, or move it away.", fr: "Corrigez ce fichier, ou déplacez-le."))
    }

    /// Written by `cps unregister` where a profile could not be changed, or by an administrator.
    private func deleted(_ path: String) -> Finding {
        .problem(
            "\(word).deleted-by-policy",
            Message(
                "\(path) has \(program.name) delete the module \"\(ClientFile.moduleName)\" at each start.",
                fr:
                    "\(path) fait supprimer le module « \(ClientFile.moduleName) » à chaque démarrage de \(program.name)."
            ),
            Message("As root: cps register \(word)", fr: "En tant que root : cps register \(word)"))
    }
}
