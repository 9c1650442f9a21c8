// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// pcscd: installed, started, and willing to talk to this user.
struct ServiceCheck: Check {
    let title = Message("Smart card service (pcscd)", fr: "Service des cartes à puce (pcscd)")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        switch survey.service {
        case .reachable:
            return [.ok("service.reachable", Message("It runs and can be reached.", fr: "Il fonctionne et répond."))]
        case .absent where machine.first(of: ["/usr/sbin/pcscd", "/usr/bin/pcscd", "/sbin/pcscd"]) == nil:
            return [
                .problem(
                    "service.not-installed", Message("It is not installed.", fr: "Il n'est pas installé."),
                    machine.installing(.service))
            ]
        case .absent:
            return [
                .problem(
                    "service.not-running", Message("It is not started.", fr: "Il n'est pas démarré."),
                    Message(
                        "As root: systemctl enable --now pcscd.socket",
                        fr: "En tant que root : systemctl enable --now pcscd.socket"))
            ]
        case .notListening:
            return [
                .problem(
                    "service.dead",
                    Message("It has ended; its socket is left.", fr: "Il s'est arrêté ; son socket est resté."),
                    ServiceCheck.restart)
            ]
        case .forbidden:
            return [
                .problem(
                    "service.forbidden",
                    Message(
                        "This user may not open /run/pcscd/pcscd.comm.",
                        fr: "Cet utilisateur n'a pas le droit d'ouvrir /run/pcscd/pcscd.comm."),
                    Message(
                        "Use an account that may; or as root: systemctl restart pcscd.socket, which makes the socket anew.",
                        fr:
                            "Utilisez un compte qui l'a ; ou en tant que root : systemctl restart pcscd.socket, qui recrée le socket."
                    ))
            ]
        case .refused:
            return [
                .problem(
                    "service.refused",
                    Message(
                        "It runs, but refuses this user (polkit: org.debian.pcsc-lite.access_pcsc).",
                        fr:
                            "Il fonctionne, mais refuse cet utilisateur (polkit : org.debian.pcsc-lite.access_pcsc)."
                    ), PolkitRefusal.remedy)
            ]
        case .silent:
            return [
                .problem(
                    "service.silent", Message("It does not answer.", fr: "Il ne répond pas."), ServiceCheck.restart)
            ]
        case .failing(let code):
            let text = "0x" + String(UInt32(truncatingIfNeeded: code), radix: 16, uppercase: true)
            return [
                .problem(
                    "service.failing",
                    Message("It refuses to work (PC/SC \(text)).", fr: "Il refuse de travailler (PC/SC \(text))."),
                    ServiceCheck.restart)
            ]
        }
    }

    private static let restart = Message(
        "As root: systemctl restart pcscd.socket pcscd", fr: "En tant que root : systemctl restart pcscd.socket pcscd")
}
