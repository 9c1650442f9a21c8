// SPDX-License-Identifier: Apache-2.0

import Messages

/// What people are told about a program in a sandbox.
extension Sandbox {
    /// What it cannot see.
    public func statement(on machine: Machine) -> Message {
        switch kind {
        case .snap:
            Message(
                "\(name) is installed as a Snap, which cannot see this library.",
                fr: "\(name) est installé en Snap, qui ne peut pas voir cette bibliothèque.")
        case .flatpak where reachesService(on: machine):
            Message(
                "\(name) is installed as a Flatpak. It reaches pcscd, but cannot see this library.",
                fr: "\(name) est installé en Flatpak. Il atteint pcscd, mais ne peut pas voir cette bibliothèque.")
        case .flatpak:
            Message(
                "\(name) is installed as a Flatpak, which can see neither pcscd nor this library.",
                fr: "\(name) est installé en Flatpak, qui ne peut voir ni pcscd ni cette bibliothèque.")
        }
    }

    /// What to do.
    /// - Parameter word: the program's word of `cps register`.
    public func remedy(_ word: ClientWord) -> Message {
        let command = "cps register \(word.rawValue)"
        if case .snap(let snap, let profile?) = kind {
            // `snap remove` deletes bookmarks and passwords with the program.
            return Message(
                """
                Give it a folder of copies, with it closed: \(command)
                Or close it and keep bookmarks and passwords first: cp -a ~/\(profile) ~/
                Then install it as a Debian package (man cps), look whether they are there, and only then: snap remove \(snap)
                """,
                fr: """
                    Donnez-lui un dossier de copies, une fois fermé : \(command)
                    Ou fermez-le et gardez d'abord favoris et mots de passe : cp -a ~/\(profile) ~/
                    Puis installez-le en paquet Debian (man cps), vérifiez qu'ils y sont, et seulement alors : snap remove \(snap)
                    """)
        }
        return Message(
            """
            Give it a folder of copies, with it closed: \(command)
            Or use one from a package of the system; or pass the card on to it by p11-kit server (man cps).
            """,
            fr: """
                Donnez-lui un dossier de copies, une fois fermé : \(command)
                Ou utilisez-en un en paquet du système ; ou transmettez-lui la carte par p11-kit server (man cps).
                """)
    }
}
