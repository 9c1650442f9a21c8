// SPDX-License-Identifier: Apache-2.0

import Messages

/// p11-kit's module files: by them GnuTLS and others find the card.
struct P11KitCheck: Check {
    let title = Message("p11-kit", fr: "p11-kit")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        let modules = P11KitModule.all(on: machine)
        // Not on this computer at all.
        guard !modules.isEmpty || machine.first(of: ["/usr/bin/p11-kit", "/usr/share/p11-kit"]) != nil else {
            return []
        }
        var findings = modules.filter { $0.module == .ours }.map { module -> Finding in
            let file = machine.shown(module.file)
            guard machine.exists(module.path(on: machine)) else {
                return .problem(
                    "p11-kit.file-missing",
                    Message(
                        "\(file) names a library that is not there.",
                        fr: "\(file) désigne une bibliothèque qui n'est pas là."),
                    Message("As root: cps register p11-kit", fr: "En tant que root : cps register p11-kit"))
            }
            return .ok(
                "p11-kit.registered",
                Message("Knows this library (\(file)).", fr: "Connaît cette bibliothèque (\(file))."))
        }
        switch findings.count {
        case 0:
            findings = [
                .warning(
                    "p11-kit.not-registered",
                    Message("Does not know this library.", fr: "Ne connaît pas cette bibliothèque."),
                    Message("As root: cps register p11-kit", fr: "En tant que root : cps register p11-kit"))
            ]
        case 1: break
        default:
            findings.append(
                .warning(
                    "p11-kit.twice",
                    Message(
                        "Knows this library twice: programs see the card twice, and ask for the PIN twice.",
                        fr:
                            "Connaît deux fois cette bibliothèque : les logiciels voient deux cartes, et demandent deux fois le code."
                    ),
                    Message("Remove one of the files above.", fr: "Supprimez un des fichiers ci-dessus.")))
        }
        let knowsOurs = modules.contains { $0.module == .ours }
        for module in modules where knowsOurs && module.isEnabled && machine.exists(module.path(on: machine)) {
            if module.module == .openSC { findings.append(openSC) }
            if module.module == .official { findings.append(official(machine.shown(module.file))) }
        }
        return findings
    }

    private let openSC = Finding.warning(
        "p11-kit.opensc",
        Message(
            "Knows OpenSC's library too, which shows CPS3 cards as well: programs see two cards, and may ask for the PIN twice.",
            fr:
                "Connaît aussi la bibliothèque d'OpenSC, qui montre également les cartes CPS3 : les logiciels voient deux cartes, et peuvent demander deux fois le code."
        ),
        Message(
            "If no other card of yours needs it, as root: apt remove opensc-pkcs11",
            fr: "Si aucune autre de vos cartes n'en a besoin, en tant que root : apt remove opensc-pkcs11"))

    private func official(_ file: String) -> Finding {
        .warning(
            "p11-kit.official",
            Message(
                "Knows the official library too (\(file)): programs see two cards, and ask for the PIN twice.",
                fr:
                    "Connaît aussi la bibliothèque officielle (\(file)) : les logiciels voient deux cartes, et demandent deux fois le code."
            ),
            Message("Remove that file.", fr: "Supprimez ce fichier."))
    }
}

/// One module file (pkcs11.conf(5)).
struct P11KitModule {
    let file: String
    private let library: String
    /// Whether it is for every program.
    let isEnabled: Bool

    var module: KnownModule { KnownModule(path: library) }

    /// Where the library is; a name alone means p11-kit's folder.
    func path(on machine: Machine) -> String {
        library.hasPrefix("/") ? library : "\(machine.moduleFolder)/\(library)"
    }

    /// All of them. A file hides those of the same name in the folders before its own.
    static func all(on machine: Machine) -> [P11KitModule] {
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
        var library: String?
        var isEnabled = true
        for line in text.lines where !line.hasPrefix("#") {
            let parts = line.parts(":", atMost: 2).map { String($0).trimmed }
            guard parts.count == 2 else { continue }
            if parts[0] == "module" { library = parts[1] }
            if ["enable-in", "disable-in"].contains(parts[0]) { isEnabled = false }
        }
        guard let library else { return nil }
        self.library = library
        self.isEnabled = isEnabled
    }
}

extension String {
    /// Without the blanks around it.
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
