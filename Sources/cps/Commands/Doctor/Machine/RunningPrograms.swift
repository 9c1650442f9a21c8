// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc

/// The programs that have the PC/SC library loaded, from `/proc`: those of the same
/// user only, unless root asks.
struct RunningPrograms {
    struct Program: Equatable {
        let process: Int
        let name: String
        /// The PKCS#11 library through which it got there, as far as known.
        let module: KnownModule?
    }

    let programs: [Program]
    /// How many processes could not be looked into.
    let hidden: Int

    private static let serviceSocket = "/run/pcscd/pcscd.comm"

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
        var ours = stat()
        var theirs = stat()
        guard unsafe stat(serviceSocket, &ours) == 0 else { return true }
        guard unsafe stat("/proc/\(process)/root\(serviceSocket)", &theirs) == 0 else { return errno == EACCES }
        return ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino
    }
}
