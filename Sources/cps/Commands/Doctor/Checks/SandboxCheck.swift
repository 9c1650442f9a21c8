// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// Browsers and mail programs that Snap or Flatpak keeps apart from the system.
struct SandboxCheck: Check {
    let title = Message("Snap and Flatpak", fr: "Snap et Flatpak")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        ClientProgram.all.flatMap { $0.sandboxes(on: machine) }.map { sandbox in
            .problem(name(of: sandbox, machine), sandbox.statement(on: machine), sandbox.remedy)
        }
    }

    private func name(of sandbox: Sandbox, _ machine: Machine) -> String {
        guard case .flatpak = sandbox.kind else { return "sandbox.snap" }
        return sandbox.reachesService(on: machine) ? "sandbox.flatpak-library" : "sandbox.flatpak"
    }
}
