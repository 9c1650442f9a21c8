// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CardReport
import CardReporting
import HostSystem
import ISO7816
import Messages
import SmartCardBytes

/// `cps card`: how the card is made, for those who develop for it.
struct CardCommandGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card",
        abstract: Message(
            "How the card is made, without anything about its holder.",
            fr: "La façon dont la carte est faite, sans rien de son titulaire."
        ).text,
        subcommands: [CardReportCommand.self, CardCompareCommand.self])
}

/// `cps card report`: a file about the card for people who do not have one.
struct CardReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: Message(
            "A file on how the card is made, to send to developers; nothing about the holder, no PIN, nothing written.",
            fr:
                "Un fichier sur la façon dont la carte est faite, à envoyer aux développeurs ; rien sur le titulaire, aucun code, rien d'écrit."
        ).text)

    @OptionGroup var output: OutputOptions
    @OptionGroup var reader: ReaderChoice

    @Flag(
        help: ArgumentHelp(
            Message(
                "Also note the answer to a warm reset; refused while another program uses the card.",
                fr: "Note aussi la réponse à un reset à chaud ; refusé tant qu'un autre programme utilise la carte."
            ).text))
    var warmReset = false

    func run() throws {
        let place = try OutputFile(output)
        let report = try CardReport.made(of: reader, withWarmReset: warmReset)
        try place.write(report.json)
        guard let path = place.path else { return }
        Output.sayOnErrors(
            Message(
                "\(path.printable): \(report.about.english) Read it before you send it: it is text.",
                fr: "\(path.printable) : \(report.about.french) Lisez-le avant de l'envoyer : c'est du texte."
            ).text)
    }
}

extension CardReport {
    /// The report of the card that the person means; of a card that is no CPS card its answer to reset.
    /// - Parameter withWarmReset: whether to reset the card first.
    static func made(of choice: ReaderChoice, withWarmReset: Bool = false) throws(Failure) -> CardReport {
        let readers = Readers()
        let program = "cps \(ProjectVersion.text)"
        let reader = try readers.chosenForReport(by: choice)
        guard case .card(let answerToReset) = reader.presence else { throw Readers.noCPSCard(in: [reader]) }
        let warm = withWarmReset ? try readers.answerToWarmReset(in: reader) : nil
        guard let model = reader.model else {
            return CardReporter.reportOfAnswerToReset(answerToReset, warm: warm, program: program)
        }
        do throws(ChannelError) {
            let channel = try readers.service.connect(to: reader.name)
            defer { channel.disconnect() }
            var reporter = CardReporter(
                model: model, answerToReset: answerToReset, warmAnswerToReset: warm, channel: channel,
                program: program)
            return try reporter.makeReport()
        } catch {
            throw Failure(error)
        }
    }
}

extension Readers {
    fileprivate func answerToWarmReset(in reader: Reader) throws(Failure) -> [UInt8] {
        do throws(ChannelError) {
            return try service.answerToWarmReset(of: reader.name)
        } catch .sharingViolation {
            throw Failure(
                .cardFailed,
                Message(
                    "Another program uses the card; a reset would end its login.",
                    fr: "Un autre programme utilise la carte ; un reset terminerait sa connexion."),
                remedy: Message(
                    "Close that program, or leave out --warm-reset.",
                    fr: "Fermez ce programme, ou omettez --warm-reset."))
        } catch {
            throw Failure(error)
        }
    }

    /// As for other commands; a card that is no CPS card can be reported on if its reader is named.
    fileprivate func chosenForReport(by choice: ReaderChoice) throws(Failure) -> Reader {
        if let name = choice.reader {
            let others = try all().filter { $0.name.contains(name) && $0.otherCard != nil }
            if others.count == 1, let other = others.first { return other }
        }
        return try chosen(by: choice)
    }
}

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
