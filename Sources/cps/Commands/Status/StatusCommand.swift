// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import ISO7816
import Messages

/// `cps status`: readers and cards in one screen.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: Message(
            "Readers, cards, tries left, days left.", fr: "Lecteurs, cartes, essais et jours restants."
        ).text,
        discussion: Message(
            "No PIN is needed; other programs stay logged in.",
            fr: "Aucun code n'est demandé, et les autres logiciels gardent leur accès à la carte."
        ).text)

    @OptionGroup var report: ReportOptions

    @Flag(
        help: ArgumentHelp(
            Message(
                "Run until Ctrl-C: show everything again when a card or reader comes or goes; with --json one line each time.",
                fr:
                    "Continue jusqu'à Ctrl-C : affiche tout de nouveau quand une carte ou un lecteur vient ou s'en va ; avec --json une ligne chaque fois."
            ).text))
    var watch = false

    func run() throws {
        let readers = Readers()
        if watch { try follow(readers) }
        let found = try look(readers)
        guard let failure = try show(found, readers) else { return }
        // The page has already shown it.
        if failure.status == .noCard, !found.readers.isEmpty { throw ExitCode(failure.status.rawValue) }
        throw failure
    }

    /// The state of pcscd and its readers.
    private struct Sight: Equatable {
        var service = StatusReport.Service.running
        /// Empty unless the service runs.
        var readers: [Readers.Reader] = []
    }

    private func look(_ readers: Readers) throws(Failure) -> Sight {
        do throws(ChannelError) {
            return Sight(readers: try readers.seen())
        } catch {
            switch error {
            case .serviceUnavailable: return Sight(service: .unavailable)
            case .serviceSilent: return Sight(service: .silent)
            case .accessRefused: return Sight(service: .refused)
            default: throw Failure(error)
            }
        }
    }

    /// Shows the state, then each new state.
    private func follow(_ readers: Readers) throws(Failure) -> Never {
        var shown = try look(readers)
        _ = try show(shown, readers)
        while true {
            let known = shown.readers.map { (reader: $0.name, state: $0.state) }
            // No event reports that pcscd starts, or that a program ends: hence the interval.
            try? readers.service.waitForChange(from: known, milliseconds: StatusCommand.interval)
            for reader in shown.readers { readers.closeCardLeftOpen(in: reader) }
            let now = try look(readers)
            if now == shown { continue }
            shown = now
            if !report.json { try Output.say("") }
            _ = try show(now, readers)
        }
    }

    /// Poll interval in milliseconds, for what pcscd does not report.
    private static let interval = 1000

    /// - Returns: the failure to exit with; nil for success.
    private func show(_ found: Sight, _ readers: Readers) throws(Failure) -> Failure? {
        var contents: [String: CardContent] = [:]
        var reports: [ReaderReport] = []
        for reader in found.readers {
            var failure: Failure?
            if let model = reader.model {
                do {
                    contents[reader.name] = try readers.withCard(in: reader, model: model) { card in
                        try CardContent(readingFrom: card)
                    }
                } catch {
                    failure = error as? Failure ?? Failure(.other(0))
                }
            }
            reports.append(
                ReaderReport(reader: reader, card: contents[reader.name].map(CardStatusReport.init), failure: failure))
        }
        let status = StatusReport(service: found.service, readers: reports)
        let failure = status.failure
        if report.json {
            try Output.write(status, onOneLine: watch)
        } else if watch, let failure, reports.isEmpty {
            try Output.say(failure.message)
        } else {
            try status.page(of: contents).show()
        }
        return failure
    }
}
