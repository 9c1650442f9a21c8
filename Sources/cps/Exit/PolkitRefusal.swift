// SPDX-License-Identifier: Apache-2.0

import Messages

#if canImport(Glibc)
    import Glibc
#endif

/// What to do if pcscd refuses a user. By default polkit allows users in the active local
/// session and refuses remote sessions.
enum PolkitRefusal {
    static var remedy: Message {
        if geteuid() == 0 { return forRoot }
        return Machine.environment("SSH_CONNECTION") == nil ? atDesk : remotely
    }

    /// polkit never refuses root; but pcscd refuses everybody if it cannot reach polkit.
    private static let forRoot = Message(
        "polkit or D-Bus is not running (usual in a container): systemctl start dbus polkit; or start pcscd with --disable-polkit.",
        fr:
            "polkit ou D-Bus ne fonctionne pas (dans un conteneur, en général) : systemctl start dbus polkit ; ou lancez pcscd avec --disable-polkit."
    )

    private static let atDesk = Message(
        "Run the program in the session that is on the screen, not through su, sudo -u or a service; or ask an administrator to allow it with a rule in /etc/polkit-1/rules.d (man cps).",
        fr:
            "Lancez le logiciel dans la session affichée à l'écran, sans su, sudo -u ni service ; ou faites-le permettre par l'administrateur, avec une règle dans /etc/polkit-1/rules.d (man cps)."
    )

    private static let remotely = Message(
        "Remote sessions are refused by default. Work at the computer itself; or ask an administrator to allow it with a rule in /etc/polkit-1/rules.d (man cps).",
        fr:
            "Les sessions à distance sont refusées par défaut. Travaillez sur l'ordinateur lui-même ; ou faites-le permettre par l'administrateur, avec une règle dans /etc/polkit-1/rules.d (man cps)."
    )
}
