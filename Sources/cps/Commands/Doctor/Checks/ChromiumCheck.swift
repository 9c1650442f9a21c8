// SPDX-License-Identifier: Apache-2.0

import Messages

/// Chromium and the browsers made of it: the NSS database of the user.
struct ChromiumCheck: Check {
    let title = Message("Chromium, Chrome, Edge, Brave", fr: "Chromium, Chrome, Edge, Brave")

    private static let programs = [
        "/usr/bin/chromium", "/usr/lib/chromium", "/opt/google/chrome", "/opt/microsoft/msedge", "/opt/brave.com/brave",
    ]

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        guard machine.first(of: ChromiumCheck.programs) != nil else { return [] }
        let database = NSSDatabase(folder: machine.home + "/.pki/nssdb", on: machine)
        let registry = NSSRegistry(
            client: "chromium", name: "Chromium", libraries: [], databases: database.map { [$0] } ?? [],
            remedy: Message("As yourself: cps register chromium", fr: "Sous votre compte : cps register chromium"))
        return registry.findings(on: machine)
    }
}
