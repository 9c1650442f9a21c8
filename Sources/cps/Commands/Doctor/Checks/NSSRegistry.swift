// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// What a program that is built on NSS is given: by policy, and in its databases.
struct NSSRegistry {
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
