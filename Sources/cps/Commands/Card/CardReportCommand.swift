// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CardReport
import CardReporting
import HostSystem
import ISO7816
import Messages
import SmartCardBytes

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
