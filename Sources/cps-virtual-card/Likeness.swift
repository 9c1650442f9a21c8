// SPDX-License-Identifier: Apache-2.0

import enum CPSCard.CardModel
import CardReport
import CardReporting
import FoundationEssentials
import HostSystem
import ISO7816
import Messages
import VirtualCPS

/// Reads a report for `--like`.
func readReport(_ path: String) throws -> CardLikeness {
    guard let data = FileManager.default.contents(atPath: path) else {
        throw VirtualCardError(Message("\(path) cannot be read", fr: "\(path) est illisible"))
    }
    guard let report = try? CardReport(json: Array(data)) else {
        throw VirtualCardError(
            Message("\(path) is not a report of cps card report", fr: "\(path) n'est pas un rapport de cps card report")
        )
    }
    return try CardLikeness(report)
}

extension CardLikeness {
    /// Says what of a card is not from its report: what the report does not show, and what this program cannot
    /// imitate. For the second, a report of the card itself is compared.
    func sayWhatDiffers(_ card: VirtualCard) {
        if !card.pathsFromGeneration.isEmpty {
            let paths = card.pathsFromGeneration.joined(separator: ", ")
            say(
                Message(
                    "not in the report, as usual on a \(card.profile.generation.rawValue): \(paths)",
                    fr: "absents du rapport, comme d'ordinaire sur une \(card.profile.generation.rawValue) : \(paths)"))
        }
        guard let model = CardModel(atr: card.atr) else { return }
        var reporter = CardReporter(
            model: model, answerToReset: card.atr, channel: OwnChannel(card), program: ProjectVersion.text)
        guard var own = try? reporter.makeReport() else { return }
        // Whether the card was reset while it was warm is not the card's property.
        own.card.warmAnswerToReset = report.card.warmAnswerToReset
        for line in own.differences(from: report) {
            say(Message("not as in the report: \(line)", fr: "autrement que dans le rapport : \(line)"))
        }
    }
}

/// A way to the card in this process, before it is inserted.
private final class OwnChannel: CardChannel {
    private let card: VirtualCard

    init(_ card: VirtualCard) { self.card = card }

    var transportProtocol: TransportProtocol { card.transport }
    func beginTransaction() throws(ChannelError) -> CardContinuity { .same }
    func endTransaction() {}
    func endTransactionCuttingPower() throws(ChannelError) { card.reset() }
    func look() -> CardContinuity? { .same }
    func cutPower(patience: Int) throws(ChannelError) { card.reset() }
    func disconnect() {}

    func transmit(_ command: Span<UInt8>) throws(ChannelError) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in command.indices { bytes.append(command[index]) }
        return card.respond(to: bytes)
    }
}
