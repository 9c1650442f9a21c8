// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
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
                    P11KitCheck.registering)
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
                    P11KitCheck.registering)
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
        for module in modules where knowsOurs && module.isForEveryProgram && machine.exists(module.path(on: machine)) {
            if module.module == .openSC { findings.append(openSC(PackageTool(on: machine).removing(.openSC))) }
            if module.module == .official { findings.append(official(machine.shown(module.file))) }
        }
        return findings
    }

    private static let registering = Remedy.asRoot("cps register p11-kit")

    private func openSC(_ command: String) -> Finding {
        .warning(
            "p11-kit.opensc",
            Message(
                "Knows OpenSC's library too, which shows CPS3 cards as well: programs see two cards, and may ask for the PIN twice.",
                fr:
                    "Connaît aussi la bibliothèque d'OpenSC, qui montre également les cartes CPS3 : les logiciels voient deux cartes, et peuvent demander deux fois le code."
            ),
            Message(
                "If no other card of yours needs it, as root: \(command)",
                fr: "Si aucune autre de vos cartes n'en a besoin, en tant que root : \(command)"))
    }

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
