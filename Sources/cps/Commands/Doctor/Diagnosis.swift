// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// What was found, in the order of the way: from the reader to the programs.
struct Diagnosis {
    struct Part {
        let title: Message
        let findings: [Finding]
    }

    let parts: [Part]
    var findings: [Finding] { parts.flatMap(\.findings) }

    private static let checks: [any Check] =
        [
            ServiceCheck(), ReaderCheck(), CardCheck(), PINCheck(), CertificateCheck(), LoginCheck(),
            OtherProgramsCheck(), LibraryCheck(), P11KitCheck(),
        ] + ClientProgram.all.map { ProgramCheck($0) } + [SandboxCheck(), JavaCheck()]

    init(of machine: Machine, _ survey: Survey) {
        parts = Diagnosis.checks.compactMap { check in
            let findings = check.findings(on: machine, survey)
            return findings.isEmpty ? nil : Part(title: check.title, findings: findings)
        }
    }

    func count(_ severity: Finding.Severity) -> Int { findings.count { $0.severity == severity } }
}

/// A part of the way from a program to the card, and how to find out whether it
/// works. Nothing is changed, and no PIN is presented.
protocol Check: Sendable {
    /// The heading.
    var title: Message { get }
    /// What there is to say; empty when the part does not exist on this computer.
    func findings(on machine: Machine, _ survey: Survey) -> [Finding]
}

/// One thing that a diagnosis found out.
struct Finding {
    enum Severity: String, Encodable {
        case ok
        /// Something works less well than it could, or may stop working.
        case warning
        /// Something does not work.
        case problem
    }

    /// What programs know it by, in every language: `service.refused`.
    let name: String
    let severity: Severity
    let message: Message
    /// What the person can do; nil where all is well.
    let remedy: Message?

    static func ok(_ name: String, _ message: Message) -> Finding {
        Finding(name: name, severity: .ok, message: message, remedy: nil)
    }

    static func warning(_ name: String, _ message: Message, _ remedy: Message) -> Finding {
        Finding(name: name, severity: .warning, message: message, remedy: remedy)
    }

    static func problem(_ name: String, _ message: Message, _ remedy: Message) -> Finding {
        Finding(name: name, severity: .problem, message: message, remedy: remedy)
    }
}

extension Machine {
    /// A path as people write it: without their own name in it.
    func shown(_ path: String) -> String {
        path.hasPrefix(home + "/") ? "~" + path.dropFirst(home.count) : path.printable
    }
}
