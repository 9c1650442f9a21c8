// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// A program of the table: what it is given by policy for all users, and in its NSS databases.
struct ProgramCheck: Check {
    let program: ClientProgram
    let title: Message

    init(_ program: ClientProgram) {
        self.program = program
        let names = program.names.joined(separator: ", ")
        title = Message(names, fr: names)
    }

    private var word: String { program.word.rawValue }

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        guard program.place(on: machine) != nil else { return [] }
        switch program.means {
        case .policies(let means): return findings(on: machine, means)
        case .database(let folder):
            let database = NSSDatabase(folder: "\(machine.home)/\(folder)", on: machine)
            return GivenModules(
                program: program, libraries: [], databases: database.map { [$0] } ?? [],
                remedy: Remedy.asUser("cps register \(word)")
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
            + GivenModules(program: program, libraries: libraries, databases: databases, remedy: registering)
            .findings(on: machine)
    }

    private var registering: Message { Remedy.asRoot("cps register \(word)") }

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
            registering)
    }
}

/// The modules that a program is given, which is built on NSS: by policy, and in its databases.
private struct GivenModules {
    let program: ClientProgram
    /// For all databases.
    let libraries: [String]
    let databases: [NSSDatabase]
    /// How to register it.
    let remedy: Message

    private var client: String { program.word.rawValue }
    private var name: String { program.name }

    func findings(on machine: Machine) -> [Finding] {
        // What NSS loads into every program here.
        let system = machine.loadsP11KitEverywhere ? [machine.moduleFolder + "/p11-kit-proxy.so"] : []
        let all = libraries + databases.flatMap(\.libraries) + system
        let ours = Set(all.filter { KnownModule(path: $0) == .ours })
        if ours.isEmpty {
            let isProxied = all.contains { KnownModule(path: $0) == .p11KitProxy }
            if isProxied, proxyShowsOurs(machine) {
                return [
                    .ok(
                        "\(client).by-p11-kit",
                        Message("Sees the card through p11-kit.", fr: "Voit la carte par p11-kit."))
                ]
            }
            return [
                .warning(
                    "\(client).not-registered",
                    Message("\(name) does not know this library.", fr: "\(name) ne connaît pas cette bibliothèque."),
                    remedy)
            ]
        }
        var findings = ours.sorted().map { path -> Finding in
            machine.exists(path)
                ? .ok(
                    "\(client).registered",
                    Message(
                        "Knows this library (\(machine.shown(path))).",
                        fr: "Connaît cette bibliothèque (\(machine.shown(path)))."))
                : .problem(
                    "\(client).file-missing",
                    Message(
                        "\(name) is given \(machine.shown(path)), which is not there.",
                        fr: "\(name) est réglé sur \(machine.shown(path)), qui n'existe pas."), remedy)
        }
        // One database at a time is in use, with what is for all of them.
        let always = libraries + system
        let groups = databases.isEmpty ? [always] : databases.map { Array(Set(always + $0.libraries)) }
        for module in [KnownModule.openSC, .official] where groups.contains(where: { pair($0, module) }) {
            findings.append(both(with: module))
        }
        if groups.contains(where: { $0.filter { KnownModule(path: $0) == .ours }.count > 1 }) {
            findings.append(twice(Message("Knows this library twice", fr: "Connaît deux fois cette bibliothèque")))
        }
        if proxyShowsOurs(machine), groups.contains(where: { pair($0, .p11KitProxy) }) {
            findings.append(
                twice(
                    Message(
                        "Knows this library, and p11-kit's proxy, which shows it once more",
                        fr: "Connaît cette bibliothèque, et le relais de p11-kit, qui la montre encore une fois")))
        }
        return findings
    }

    private func proxyShowsOurs(_ machine: Machine) -> Bool {
        P11KitModule.all(on: machine).contains { $0.module == .ours && $0.isEnabled(for: program) }
    }

    private func pair(_ libraries: [String], _ module: KnownModule) -> Bool {
        libraries.contains { KnownModule(path: $0) == .ours } && libraries.contains { KnownModule(path: $0) == module }
    }

    private func twice(_ what: Message) -> Finding {
        .warning(
            "\(client).twice",
            Message(
                "\(what.english): it sees the card twice, and asks for the PIN twice.",
                fr: "\(what.french) : il voit deux cartes, et demande deux fois le code."),
            Message(
                "Remove one of the two in \(name)'s list of security devices.",
                fr: "Enlevez l'un des deux de la liste des périphériques de sécurité de \(name)."))
    }

    private func both(with module: KnownModule) -> Finding {
        let (other, word) = module == .openSC ? ("OpenSC", "opensc") : ("Cryptolib CPS", "official")
        return .warning(
            "\(client).\(word)",
            Message(
                "Knows the library of \(other) too: it may see the card twice, and ask for the PIN twice.",
                fr: "Connaît aussi la bibliothèque \(other) : il peut voir deux cartes, et demander deux fois le code."),
            Message(
                "Remove it from \(name)'s list of security devices.",
                fr: "Enlevez-la de la liste des périphériques de sécurité de \(name)."))
    }
}
