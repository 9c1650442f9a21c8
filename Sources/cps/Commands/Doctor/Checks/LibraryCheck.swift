// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// The library where programs look for it.
struct LibraryCheck: Check {
    let title = Message("This library", fr: "Cette bibliothèque")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        var findings = [finding(machine.fullLibrary, machine, LibraryCheck.installing)]
        if machine.exists(machine.fullLibrary) {
            findings.append(finding(machine.browserLibrary, machine, LibraryCheck.reinstalling))
        }
        if machine.exists(OfficialPlaces.library) {
            let isOurs = machine.linkTarget(of: OfficialPlaces.library).map { KnownModule(path: $0) == .ours } ?? false
            findings.append(
                isOurs
                    ? .ok(
                        "library.official-path",
                        Message(
                            "The official library's path leads to this one.",
                            fr: "Le chemin de la bibliothèque officielle mène à celle-ci."))
                    : .ok(
                        "library.official-too",
                        Message(
                            "The official library is installed too. Give each program one of the two only.",
                            fr:
                                "La bibliothèque officielle est aussi installée. Ne donnez qu'une des deux à chaque logiciel."
                        )))
        }
        return findings
    }

    private static let installing = Message(
        "Install the package libcps-pkcs11; from the source tree, as root: cps register library",
        fr: "Installez le paquet libcps-pkcs11 ; depuis les sources, en tant que root : cps register library")
    private static let reinstalling = Message(
        "Install the package libcps-pkcs11 again; from the source tree, as root: cps register library",
        fr: "Réinstallez le paquet libcps-pkcs11 ; depuis les sources, en tant que root : cps register library")

    private func finding(_ path: String, _ machine: Machine, _ remedy: Message) -> Finding {
        guard machine.exists(path) else {
            return .problem("library.missing", Message("\(path) is missing.", fr: "\(path) manque."), remedy)
        }
        if let reason = LibraryCheck.loadingFailure(of: machine.root + path) {
            return .problem(
                "library.not-loadable",
                Message("\(path) cannot be loaded: \(reason)", fr: "\(path) ne peut pas être chargé : \(reason)"),
                remedy)
        }
        return .ok("library.installed", Message("\(path) is there.", fr: "\(path) est là."))
    }

    /// What the system says when a program loads it; nil when that works.
    private static func loadingFailure(of path: String) -> String? {
        guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else { return lastError() }
        return unsafe dlsym(handle, "C_GetFunctionList") == nil ? lastError() : nil
    }

    private static func lastError() -> String {
        guard let text = unsafe dlerror() else { return "?" }
        return unsafe String(cString: text).printable
    }
}
