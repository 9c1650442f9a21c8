// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// Browsers and mail programs that Snap or Flatpak keeps apart from the system: each needs a folder
/// of copies, the module in its database, and pcscd.
struct SandboxCheck: Check {
    let title = Message("Snap and Flatpak", fr: "Snap et Flatpak")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        ClientProgram.all.flatMap { program in
            program.sandboxes(on: machine).map { finding(program, $0, machine) }
        }
    }

    private func finding(_ program: ClientProgram, _ sandbox: Sandbox, _ machine: Machine) -> Finding {
        let copies = SandboxCopies(of: program.library, for: sandbox, on: machine)
        guard machine.exists(copies.library) else {
            return .problem(name(of: sandbox, machine), sandbox.statement(on: machine), sandbox.remedy(program.word))
        }
        let repeated = Message("cps register \(program.word.rawValue)", fr: "cps register \(program.word.rawValue)")
        guard copies.areCurrent(on: machine) else {
            return .warning(
                "sandbox.outdated",
                Message(
                    "\(sandbox.name) has old copies of the library or of what it needs.",
                    fr: "\(sandbox.name) a d'anciennes copies de la bibliothèque ou de ce qu'elle demande."), repeated)
        }
        let hasModule = sandbox.databases(of: program, on: machine).contains { folder in
            NSSDatabase(folder: folder, on: machine)?.libraries.contains(copies.library) ?? false
        }
        guard hasModule else {
            return .problem(
                "sandbox.not-registered",
                Message(
                    "No profile of \(sandbox.name) has the library.",
                    fr: "Aucun profil de \(sandbox.name) n'a la bibliothèque."), repeated)
        }
        guard sandbox.reachesService(on: machine) else {
            let command = sandbox.connectingCommand
            return .problem(
                "sandbox.not-connected",
                Message(
                    "\(sandbox.name) has the library, but may not be able to reach the smart card service.",
                    fr: "\(sandbox.name) a la bibliothèque, mais n'atteint peut-être pas le service des cartes."),
                Message(command, fr: command))
        }
        return .ok(
            "sandbox.registered",
            Message(
                "\(sandbox.name) has the library, and reaches the smart card service.",
                fr: "\(sandbox.name) a la bibliothèque et atteint le service des cartes."))
    }

    private func name(of sandbox: Sandbox, _ machine: Machine) -> String {
        guard case .flatpak = sandbox.kind else { return "sandbox.snap" }
        return sandbox.reachesService(on: machine) ? "sandbox.flatpak-library" : "sandbox.flatpak"
    }
}
