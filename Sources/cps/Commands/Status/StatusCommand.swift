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
            "No code is asked for, and other programs keep their login.",
            fr: "Aucun code n'est demandé, et les autres logiciels gardent leur accès à la carte."
        ).text)

    @OptionGroup var report: ReportOptions

    @Flag(
        help: ArgumentHelp(
            Message(
                "Go on until Ctrl-C: show everything anew when a card or reader comes or goes; with --json a line each time.",
                fr:
                    "Continue jusqu'à Ctrl-C : affiche tout de nouveau quand une carte ou un lecteur vient ou s'en va ; avec --json une ligne chaque fois."
            ).text))
    var watch = false

    func run() throws {
        let readers = Readers()
        if watch { try follow(readers) }
        let found = try look(readers)
        guard let failure = try show(found, readers) else { return }
        // What is in a reader has been shown.
        if failure.status == .noCard, found?.isEmpty == false { throw ExitCode(failure.status.rawValue) }
        throw failure
    }

    /// What is in the readers now; nil without a pcscd.
    private func look(_ readers: Readers) throws(Failure) -> [Readers.Reader]? {
        do throws(Failure) {
            return try readers.all()
        } catch {
            if error.status == .noService { return nil }
            throw error
        }
    }

    /// Shows the state, and each other one that comes after it.
    private func follow(_ readers: Readers) throws(Failure) -> Never {
        var shown = try look(readers)
        _ = try show(shown, readers)
        while true {
            let known = (shown ?? []).map { (reader: $0.name, state: $0.state) }
            // Without a pcscd nothing tells when one comes.
            try? readers.service.waitForChange(from: known, milliseconds: shown == nil ? 1000 : 60_000)
            let now = try look(readers)
            if now == shown { continue }
            shown = now
            if !report.json { try Output.say("") }
            _ = try show(now, readers)
        }
    }

    /// - Returns: why there is nothing to show.
    private func show(_ found: [Readers.Reader]?, _ readers: Readers) throws(Failure) -> Failure? {
        var contents: [String: CardContent] = [:]
        var reports: [ReaderReport] = []
        for reader in found ?? [] {
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
                ReaderReport(reader: reader, card: contents[reader.name].map(CardReport.init), failure: failure))
        }
        let status = StatusReport(service: found == nil ? .unavailable : .running, readers: reports)
        let failure = found == nil ? Failure(.serviceUnavailable) : status.failure
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
