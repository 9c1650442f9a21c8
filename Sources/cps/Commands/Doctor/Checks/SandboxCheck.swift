// SPDX-License-Identifier: Apache-2.0

import Messages

/// Browsers and mail programs that Snap or Flatpak keeps apart from the system: the
/// library's file is not theirs to see, and often pcscd neither.
struct SandboxCheck: Check {
    let title = Message("Snap and Flatpak", fr: "Snap et Flatpak")

    private struct Program {
        let name: String
        let snap: String?
        /// Where the Snap keeps what the person has in it, below the home folder; nil for
        /// a program that Debian's and Ubuntu's packages do not bring otherwise.
        var profile: String?
        let flatpak: String
    }

    private static let programs = [
        Program(
            name: "Firefox", snap: "firefox", profile: "snap/firefox/common/.mozilla", flatpak: "org.mozilla.firefox"),
        Program(
            name: "Thunderbird", snap: "thunderbird", profile: "snap/thunderbird/common/.thunderbird",
            flatpak: "org.mozilla.Thunderbird"),
        Program(name: "Chromium", snap: "chromium", flatpak: "org.chromium.Chromium"),
        Program(name: "Chrome", snap: nil, flatpak: "com.google.Chrome"),
        Program(name: "Edge", snap: nil, flatpak: "com.microsoft.Edge"),
        Program(name: "Brave", snap: "brave", flatpak: "com.brave.Browser"),
    ]

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        SandboxCheck.programs.flatMap { program -> [Finding] in
            var findings: [Finding] = []
            if let snap = program.snap,
                machine.exists("/snap/\(snap)/current") || machine.exists("/var/lib/snapd/snap/\(snap)/current")
            {
                findings.append(self.snap(program.name, snap, program.profile))
            }
            let folders = ["/var/lib/flatpak/app", machine.home + "/.local/share/flatpak/app"]
            if let folder = machine.first(of: folders.map { "\($0)/\(program.flatpak)" }) {
                findings.append(flatpak(program.name, program.flatpak, folder, machine))
            }
            return findings
        }
    }

    private func snap(_ name: String, _ snap: String, _ profile: String?) -> Finding {
        .problem(
            "sandbox.snap",
            Message(
                "\(name) is installed as a Snap, which cannot see this library.",
                fr: "\(name) est installé en Snap, qui ne peut pas voir cette bibliothèque."),
            profile.map { SandboxCheck.replacing(snap, keeping: $0) } ?? SandboxCheck.remedy)
    }

    /// `snap remove` deletes bookmarks and passwords with the program.
    private static func replacing(_ snap: String, keeping profile: String) -> Message {
        Message(
            """
            Close it and keep bookmarks and passwords first: cp -a ~/\(profile) ~/
            Then install it as a Debian package (man cps), look whether they are there, and only then: snap remove \(snap)
            """,
            fr: """
                Fermez-le et gardez d'abord favoris et mots de passe : cp -a ~/\(profile) ~/
                Puis installez-le en paquet Debian (man cps), vérifiez qu'ils y sont, et seulement alors : snap remove \(snap)
                """)
    }

    private func flatpak(_ name: String, _ identifier: String, _ folder: String, _ machine: Machine) -> Finding {
        let files =
            ["\(folder)/current/active/metadata"]
            + ["/var/lib/flatpak", machine.home + "/.local/share/flatpak"].map { "\($0)/overrides/\(identifier)" }
        let reachesService = files.contains { file in
            (machine.text(of: file) ?? "").lines.contains { line in
                line.hasPrefix("sockets=")
                    && line.dropFirst("sockets=".count).parts(";").contains("pcsc")
            }
        }
        if reachesService {
            return .problem(
                "sandbox.flatpak-library",
                Message(
                    "\(name) is installed as a Flatpak. It reaches pcscd, but cannot see this library.",
                    fr: "\(name) est installé en Flatpak. Il atteint pcscd, mais ne peut pas voir cette bibliothèque."),
                SandboxCheck.remedy)
        }
        return .problem(
            "sandbox.flatpak",
            Message(
                "\(name) is installed as a Flatpak, which can see neither pcscd nor this library.",
                fr: "\(name) est installé en Flatpak, qui ne peut voir ni pcscd ni cette bibliothèque."),
            SandboxCheck.remedy)
    }

    private static let remedy = Message(
        "Use a browser from a Debian package; or pass the card on to this one by p11-kit server (man cps).",
        fr: "Utilisez un navigateur en paquet Debian ; ou transmettez la carte à celui-ci par p11-kit server (man cps)."
    )
}
