// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CardReport
import CardReporting
import Messages

/// `cps card compare`: what this project assumes about cards, and whether it holds for this one.
struct CardCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: Message(
            "Which of our assumptions about cards hold for this card, or for a report.",
            fr: "Lesquelles de nos suppositions sur les cartes valent pour cette carte, ou pour un rapport."
        ).text)

    @Argument(
        help: ArgumentHelp(
            Message(
                "A file of `cps card report`. Without it: the card in the reader.",
                fr: "Un fichier de « cps card report ». Sans cela : la carte dans le lecteur."
            ).text,
            valueName: Message("report", fr: "rapport").text))
    var file: String?

    @OptionGroup var reader: ReaderChoice

    func run() throws {
        let report = try file.map(CardCompareCommand.read) ?? CardReport.made(of: reader)
        var page = Page()
        var counts = (holds: 0, fails: 0, open: 0)
        for assumption in Assumption.all {
            let verdict = assumption.verdict(on: report)
            switch verdict {
            case .holds: counts.holds += 1
            case .fails: counts.fails += 1
            case .open: counts.open += 1
            }
            page.field(assumption.name, StyledText("\(verdict.words.text) \(assumption.statement.text)", verdict.style))
        }
        page.space()
        page.paragraph(
            Message(
                "\(counts.holds) hold, \(counts.fails) do not, \(counts.open) cannot be told from this card.",
                fr:
                    "\(counts.holds) se vérifient, \(counts.fails) non, \(counts.open) ne se voient pas sur cette carte."
            ))
        try page.show()
        if counts.fails > 0 { throw ExitCode(ExitStatus.negative.rawValue) }
    }

    private static func read(_ path: String) throws -> CardReport {
        let bytes = try InputFile(path).content(upTo: 1 << 20)
        do {
            return try CardReport(json: bytes)
        } catch {
            throw Failure(
                .fileFailed,
                Message(
                    "\(path.printable) is not a report of `cps card report`.",
                    fr: "\(path.printable) n'est pas un rapport de « cps card report »."))
        }
    }
}

extension Assumption.Verdict {
    fileprivate var words: Message {
        switch self {
        case .holds: return Message("Holds:", fr: "Vérifié :")
        case .fails(let text):
            // A report may come from anybody.
            let found = text.printable
            return Message("DOES NOT HOLD (found: \(found)):", fr: "FAUX (trouvé : \(found)) :")
        case .open: return Message("Not seen:", fr: "Non visible :")
        }
    }

    fileprivate var style: StyledText.Style {
        switch self {
        case .holds: .good
        case .fails: .warning
        case .open: .plain
        }
    }
}
