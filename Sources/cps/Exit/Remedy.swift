// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// What a person can do, where several errors and findings have the same answer.
enum Remedy {
    static let again = Message("Try again.", fr: "Recommencez.")

    static let reinsertion = Message(
        "Take the card out, put it back, and try again.", fr: "Retirez la carte, remettez-la, et recommencez.")

    /// For a card that answers, and not as it should.
    static let wiping = Message(
        "Take it out, wipe its chip, try again. If that does not help, ask the issuer for a new card.",
        fr: "Retirez-la, essuyez la puce, recommencez. Si rien ne change, demandez une nouvelle carte à l'émetteur.")

    static let issuer = Message("Contact the card's issuer.", fr: "Adressez-vous à l'émetteur de la carte.")

    /// For a blocked PIN.
    static let unblocking = Message(
        "`cps pin unblock` sets a new PIN, with the unblocking code.",
        fr: "« cps pin unblock » donne un nouveau code porteur, avec le code de déblocage.")

    /// A command for root.
    static func asRoot(_ command: String) -> Message {
        Message("As root: \(command)", fr: "En tant que root : \(command)")
    }

    /// A command for the user.
    static func asUser(_ command: String) -> Message {
        Message("As yourself: \(command)", fr: "Sous votre compte : \(command)")
    }

    /// Installs a package, with the system's own tool.
    static func installing(_ need: PackageTool.Need, on machine: Machine) -> Message {
        asRoot(PackageTool(on: machine).installing(need))
    }

    /// For a user whom pcscd refuses. By default polkit allows users in the active local session and
    /// refuses remote sessions.
    static var refusal: Message {
        if geteuid() == 0 { return refusalOfRoot }
        return Machine.environment("SSH_CONNECTION") == nil ? refusalAtDesk : refusalOfRemote
    }

    /// polkit never refuses root; but pcscd refuses everybody if it cannot reach polkit.
    private static let refusalOfRoot = Message(
        "polkit or D-Bus is not running (usual in a container): systemctl start dbus polkit; or start pcscd with --disable-polkit.",
        fr:
            "polkit ou D-Bus ne fonctionne pas (dans un conteneur, en général) : systemctl start dbus polkit ; ou lancez pcscd avec --disable-polkit."
    )

    private static let refusalAtDesk = Message(
        "Run the program in the session that is on the screen, not through su, sudo -u or a service; or ask an administrator to allow it with a rule in /etc/polkit-1/rules.d (man cps).",
        fr:
            "Lancez le logiciel dans la session affichée à l'écran, sans su, sudo -u ni service ; ou faites-le permettre par l'administrateur, avec une règle dans /etc/polkit-1/rules.d (man cps)."
    )

    private static let refusalOfRemote = Message(
        "Remote sessions are refused by default. Work at the computer itself; or ask an administrator to allow it with a rule in /etc/polkit-1/rules.d (man cps).",
        fr:
            "Les sessions à distance sont refusées par défaut. Travaillez sur l'ordinateur lui-même ; ou faites-le permettre par l'administrateur, avec une règle dans /etc/polkit-1/rules.d (man cps)."
    )
}
