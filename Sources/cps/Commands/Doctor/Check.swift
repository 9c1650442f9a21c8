// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// A part of the way from a program to the card, and how to find out whether it
/// works. Nothing is changed, and no code is presented.
protocol Check: Sendable {
    /// The heading.
    var title: Message { get }
    /// What there is to say; empty when the part does not exist on this computer.
    func findings(on machine: Machine, _ survey: Survey) -> [Finding]
}

/// What was found, in the order of the way: from the reader to the programs.
struct Diagnosis {
    struct Part {
        let title: Message
        let findings: [Finding]
    }

    let parts: [Part]
    var findings: [Finding] { parts.flatMap(\.findings) }

    private static let checks: [any Check] = [
        ServiceCheck(), ReaderCheck(), CardCheck(), PINCheck(), CertificateCheck(), LoginCheck(),
        NeighbourCheck(), LibraryCheck(), P11KitCheck(), ProgramCheck(.firefox), ProgramCheck(.thunderbird),
        ProgramCheck(.chromium, title: "Chromium, Chrome, Edge, Brave"), SandboxCheck(), JavaCheck(),
    ]

    init(of machine: Machine, _ survey: Survey) {
        parts = Diagnosis.checks.compactMap { check in
            let findings = check.findings(on: machine, survey)
            return findings.isEmpty ? nil : Part(title: check.title, findings: findings)
        }
    }

    func count(_ severity: Finding.Severity) -> Int { findings.count { $0.severity == severity } }
}
