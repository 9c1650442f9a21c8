// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ClientPrograms
import Messages

/// `cps doctor`: what is wrong on the way from the reader to the programs, and what to
/// do about it.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: Message(
            "Find out why a card or a program does not work, and what to do.",
            fr: "Cherche pourquoi une carte ou un logiciel ne fonctionne pas, et dit quoi faire."
        ).text,
        discussion: Message(
            "No code is presented, and nothing is changed. The exit status is 1 if there is a problem.",
            fr: "Aucun code n'est présenté, et rien n'est modifié. Le code de retour est 1 s'il y a un problème."
        ).text)

    @Option(
        help: ArgumentHelp(
            Message(
                "Write what was found to this file, without personal data, to send it to somebody who helps.",
                fr: "Écrit le résultat dans ce fichier, sans données personnelles, pour l'envoyer à qui vous aide."
            ).text,
            valueName: Message("file", fr: "fichier").text))
    var report: String?

    @OptionGroup var options: ReportOptions

    /// For tests: the files of another computer.
    @Option(help: .hidden) var root = ""
    /// For tests: how long a card is waited for, in seconds.
    @Option(help: .hidden) var patience = 15

    func run() throws {
        let machine = Machine(root: root)
        let diagnosis = Diagnosis(of: machine, Survey(patience: patience))
        if let report {
            try PrivateFile.write(SupportReport(diagnosis, machine).text, to: report)
        }
        if options.json {
            try Output.write(DiagnosisReport(diagnosis))
        } else {
            try page(of: diagnosis).show()
        }
        if diagnosis.count(.problem) > 0 { throw ExitCode(ExitStatus.negative.rawValue) }
    }

    private func page(of diagnosis: Diagnosis) -> Page {
        var page = Page()
        for part in diagnosis.parts {
            page.space()
            page.heading(part.title)
            for finding in part.findings { page.field(finding.severity.name, finding.styled) }
        }
        page.space()
        page.heading(diagnosis.summary)
        if let report {
            let file = report.printable
            page.paragraph(
                Message(
                    "Send the file \(file) to the person who is helping you.",
                    fr: "Le fichier \(file) est à envoyer à qui vous aide."))
        }
        return page
    }
}

extension Diagnosis {
    /// The validity in one sentence.
    var summary: Message {
        let (problems, warnings) = (count(.problem), count(.warning))
        if problems == 0, warnings == 0 { return Message("All is well.", fr: "Tout va bien.") }
        return Message(
            "\(problems) problem\(problems == 1 ? "" : "s"), \(warnings) warning\(warnings == 1 ? "" : "s").",
            fr: "\(problems) problème\(problems < 2 ? "" : "s"), \(warnings) avertissement\(warnings < 2 ? "" : "s").")
    }
}

extension Finding.Severity {
    var name: Message {
        switch self {
        case .ok: Message("ok", fr: "ok")
        case .warning: Message("warning", fr: "attention")
        case .problem: Message("problem", fr: "problème")
        }
    }
}

extension Finding {
    /// What it is, and below it what to do.
    fileprivate var styled: StyledText {
        let style: StyledText.Style =
            switch severity {
            case .ok: .plain
            case .warning: .warning
            case .problem: .bad
            }
        return StyledText(message.text + (remedy.map { "\n→ \($0.text)" } ?? ""), style)
    }
}

/// `--json` (docs/json.md).
private struct DiagnosisReport: Report {
    static let schema = "cps-doctor/1"

    let problems: Int
    let warnings: Int
    let findings: [Entry]

    struct Entry: Encodable {
        let name: String
        let severity: Finding.Severity
        let message: Text
        let remedy: Text?
    }

    /// A sentence in both languages.
    struct Text: Encodable {
        let english: String
        let french: String

        init(_ message: Message) {
            english = message.english
            french = message.french
        }
    }

    init(_ diagnosis: Diagnosis) {
        problems = diagnosis.count(.problem)
        warnings = diagnosis.count(.warning)
        findings = diagnosis.findings.map {
            Entry(name: $0.name, severity: $0.severity, message: Text($0.message), remedy: $0.remedy.map(Text.init))
        }
    }
}
