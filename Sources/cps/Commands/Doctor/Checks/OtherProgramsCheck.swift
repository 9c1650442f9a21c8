// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages
import PCSC

/// The other programs that use the readers.
struct OtherProgramsCheck: Check {
    let title = Message("Other programs at the readers", fr: "Autres logiciels aux lecteurs")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        guard survey.service == .reachable else { return [] }
        let running = RunningPrograms()
        let isHeld = survey.cards.contains(where: \.state.isHeld)
        let owners = survey.cards.flatMap(\.owners)
        var findings = running.programs.map { program in
            finding(program, isHeld: isHeld, isLoggedIn: owners.contains { Int($0) == program.process })
        }
        if running.hidden > 0 {
            let text =
                running.hidden == 1
                ? Message(
                    "A program of another user could not be looked into.",
                    fr: "Un logiciel d'un autre utilisateur n'a pas pu être examiné.")
                : Message(
                    "\(running.hidden) programs of other users could not be looked into.",
                    fr: "\(running.hidden) logiciels d'autres utilisateurs n'ont pas pu être examinés.")
            let remedy = Message("As root `cps doctor` sees them.", fr: "En tant que root, « cps doctor » les voit.")
            findings.append(
                isHeld && geteuid() != 0
                    ? .warning("neighbour.hidden", text, remedy) : .ok("neighbour.hidden", text))
        }
        if findings.isEmpty {
            findings = [.ok("neighbour.none", Message("There is none.", fr: "Il n'y en a pas."))]
        }
        return findings
    }

    private func finding(_ program: RunningPrograms.Program, isHeld: Bool, isLoggedIn: Bool) -> Finding {
        let who = Message(
            "\(program.name) (process \(program.process))\(isLoggedIn ? ", logged in" : "")",
            fr: "\(program.name) (processus \(program.process))\(isLoggedIn ? ", connecté à la carte" : "")")
        switch program.module {
        case .official, .openSC:
            let library = program.module == .official ? "Cryptolib CPS" : "OpenSC"
            return .warning(
                "neighbour.other-middleware",
                Message(
                    "\(who.english), with the library of \(library).",
                    fr: "\(who.french), avec la bibliothèque \(library)."),
                Message(
                    "Two libraries at one card ask for the PIN twice, and may undo each other's login: close the program, or give it this library.",
                    fr:
                        "Deux bibliothèques sur une carte demandent deux fois le code, et peuvent défaire la connexion l'une de l'autre : fermez le logiciel, ou donnez-lui cette bibliothèque-ci."
                ))
        default:
            return isHeld
                ? .warning(
                    "neighbour.may-keep", who,
                    Message("It may keep the card: close it.", fr: "Il garde peut-être la carte : fermez-le."))
                : .ok("neighbour.running", who)
        }
    }
}

/// The programs that have the PC/SC library loaded, from `/proc`: those of the same
/// user only, unless root asks.
private struct RunningPrograms {
    struct Program: Equatable {
        let process: Int
        let name: String
        /// The PKCS#11 library through which it got there, as far as known.
        let module: KnownModule?
    }

    let programs: [Program]
    /// How many processes could not be looked into.
    let hidden: Int

    init() {
        let machine = Machine()
        var programs: [Program] = []
        var hidden = 0
        for process in machine.names(in: "/proc").compactMap({ Int($0) }) where process != Int(getpid()) {
            guard let maps = machine.text(of: "/proc/\(process)/maps") else {
                // It may have ended since.
                if machine.exists("/proc/\(process)") { hidden += 1 }
                continue
            }
            let files = maps.lines.compactMap { line in
                line.firstIndex(of: "/").map { String(line[$0...]) }
            }
            guard files.contains(where: { $0.parts("/").last?.hasPrefix("libpcsclite.so") ?? false }),
                RunningPrograms.usesOurService(process)
            else {
                continue
            }
            let name = machine.text(of: "/proc/\(process)/comm")?.lines.first ?? "?"
            if name == "pcscd" { continue }
            let module = files.lazy.map { KnownModule(path: $0) }.first { $0 != .other && $0 != .p11KitProxy }
            programs.append(Program(process: process, name: name.printable, module: module))
        }
        self.programs = programs
        self.hidden = hidden
    }

    /// Whether what the process sees at the socket's place is our pcscd: containers
    /// have others.
    private static func usesOurService(_ process: Int) -> Bool {
        let socket = ServiceProbe.socketPath
        var ours = stat()
        var theirs = stat()
        guard unsafe stat(socket, &ours) == 0 else { return true }
        guard unsafe stat("/proc/\(process)/root\(socket)", &theirs) == 0 else { return errno == EACCES }
        return ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino
    }
}
