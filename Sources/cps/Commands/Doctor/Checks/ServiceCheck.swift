// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages
import PCSC

/// pcscd: installed, started, and willing to talk to this user.
struct ServiceCheck: Check {
    let title = Message("Smart card service (pcscd)", fr: "Service des cartes à puce (pcscd)")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] { [survey.service.finding(on: machine)] }
}

/// How far a program gets with pcscd.
enum ServiceState: Equatable {
    case reachable
    /// There is no socket.
    case absent
    /// There is a socket, and nobody behind it.
    case notListening
    /// The socket's permissions keep this user out.
    case forbidden
    /// pcscd takes the connection and gives it up again: polkit says no, or cannot be asked.
    case refused
    /// It takes the connection and says nothing.
    case silent
    /// Any other PC/SC error.
    case failing(code: Int)

    fileprivate func finding(on machine: Machine) -> Finding {
        switch self {
        case .reachable:
            .ok("service.reachable", Message("It runs and can be reached.", fr: "Il fonctionne et répond."))
        case .absent where machine.first(of: ["/usr/sbin/pcscd", "/usr/bin/pcscd", "/sbin/pcscd"]) == nil:
            .problem(
                "service.not-installed", Message("It is not installed.", fr: "Il n'est pas installé."),
                Remedy.installing(.service, on: machine))
        case .absent:
            .problem(
                "service.not-running", Message("It is not started.", fr: "Il n'est pas démarré."),
                Remedy.asRoot("systemctl enable --now pcscd.socket"))
        case .notListening:
            .problem(
                "service.dead",
                Message("It has ended; its socket is left.", fr: "Il s'est arrêté ; son socket est resté."),
                ServiceState.restart)
        case .forbidden:
            .problem(
                "service.forbidden",
                Message(
                    "This user may not open \(ServiceProbe.socketPath).",
                    fr: "Cet utilisateur n'a pas le droit d'ouvrir \(ServiceProbe.socketPath)."),
                Message(
                    "Use an account that may; or as root: systemctl restart pcscd.socket, which makes the socket anew.",
                    fr:
                        "Utilisez un compte qui l'a ; ou en tant que root : systemctl restart pcscd.socket, qui recrée le socket."
                ))
        case .refused:
            .problem(
                "service.refused",
                Message(
                    "It runs, but refuses this user (polkit: org.debian.pcsc-lite.access_pcsc).",
                    fr: "Il fonctionne, mais refuse cet utilisateur (polkit : org.debian.pcsc-lite.access_pcsc)."),
                Remedy.refusal)
        case .silent:
            .problem("service.silent", Message("It does not answer.", fr: "Il ne répond pas."), ServiceState.restart)
        case .failing(let code):
            .problem(
                "service.failing",
                Message(
                    "It refuses to work (PC/SC \(Failure.number(ofServiceError: code))).",
                    fr: "Il refuse de travailler (PC/SC \(Failure.number(ofServiceError: code)))."),
                ServiceState.restart)
        }
    }

    private static let restart = Remedy.asRoot("systemctl restart pcscd.socket pcscd")

    static var current: ServiceState {
        let failure: Int
        switch ServiceProbe.answer() {
        case .success: return .reachable
        case .refused: return .refused
        case .failure(let code): failure = code
        }
        switch connectionError() {
        // It may have read the question first, and then given up the connection.
        case nil where geteuid() != 0: return .refused
        case ENOENT, ENOTDIR: return .absent
        case ECONNREFUSED: return .notListening
        case EACCES, EPERM: return .forbidden
        default: return .failing(code: failure)
        }
    }

    /// What the system says to a plain connection; nil when it works.
    private static func connectionError() -> Int32? {
        let path = Array(ServiceProbe.socketPath.utf8)
        var address = sockaddr_un()
        // A zero byte ends it.
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return errno }
        defer { close(socket) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(socket, $0, size) }
        }
        return code == 0 ? nil : errno
    }
}
