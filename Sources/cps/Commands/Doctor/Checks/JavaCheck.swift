// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// The configuration for Java's SunPKCS11, which programs are given by hand.
struct JavaCheck: Check {
    let title = Message("Java", fr: "Java")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        guard machine.exists("/usr/bin/java") else { return [] }
        let file = ClientFile.java(home: machine.home)
        guard let text = machine.text(of: file) else {
            return [
                .ok(
                    "java.not-registered",
                    Message(
                        "No configuration for it; `cps register java` writes one for programs that want the card.",
                        fr:
                            "Pas de configuration ; « cps register java » en écrit une pour les logiciels qui veulent la carte."
                    ))
            ]
        }
        let library = text.lines.lazy
            .map { $0.parts("=", atMost: 2).map { String($0.filter { $0 != " " }) } }
            .first { $0.count == 2 && $0[0] == "library" }?[1]
        guard let library, machine.exists(library) else {
            return [
                .problem(
                    "java.file-missing",
                    Message(
                        "\(machine.shown(file)) names a library that is not there.",
                        fr: "\(machine.shown(file)) désigne une bibliothèque qui n'est pas là."),
                    Remedy.asUser("cps register java"))
            ]
        }
        return [
            .ok(
                "java.registered",
                Message("Configuration: \(machine.shown(file)).", fr: "Configuration : \(machine.shown(file))."))
        ]
    }
}
