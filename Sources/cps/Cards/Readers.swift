// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import ISO7816
import LoginRegister
import Messages
import PCSC
import Settings

/// The readers of this machine.
struct Readers {
    let service = PCSCReaderService(patience: Readers.patience)

    /// Time-out for pcscd in milliseconds. Longer than in the library, which retries:
    /// pcscd may be starting with slow readers.
    private static let patience = 5000

    /// A reader and its state.
    struct Reader: Equatable {
        let name: String
        let state: ReaderState

        var presence: ReaderState.Presence { state.presence }

        /// The model of the CPS card in it, by its answer to reset.
        var model: CardModel? {
            guard case .card(let atr) = presence else { return nil }
            return CardModel(atr: atr)
        }

        /// The card in it, if it is not a CPS card.
        var otherCard: OtherCard? {
            guard case .card(let atr) = presence, model == nil else { return nil }
            return OtherCard(atr: atr)
        }
    }

    /// Lists all readers. Nothing is sent to a card.
    func all() throws(Failure) -> [Reader] {
        do throws(ChannelError) {
            return try seen()
        } catch {
            throw Failure(error)
        }
    }

    /// Like `all()`, but throws the original error.
    func seen() throws(ChannelError) -> [Reader] {
        let names = try service.readerNames()
        return zip(names, try service.states(of: names)).map { Reader(name: $0, state: $1) }
    }

    /// The reader with a CPS card that the person chose.
    /// - Throws: `Failure` with `.noCard` if there is none, `.usage` if there are several.
    func chosen(by choice: ReaderChoice) throws(Failure) -> Reader {
        let readers = try all()
        if readers.isEmpty { throw Readers.noCPSCard(in: []) }
        let named = readers.filter { reader in choice.reader.map { reader.name.contains($0) } ?? true }
        let exact = named.filter { $0.name == choice.reader }
        let candidates = exact.isEmpty ? named : exact
        if candidates.isEmpty {
            let names = readers.map(\.name.printable).joined(separator: ", ")
            throw Failure(
                .noCard,
                Message(
                    "No reader has that name. There are: \(names)", fr: "Aucun lecteur de ce nom. Il y a : \(names)"))
        }
        let withCard = candidates.filter { $0.model != nil }
        if withCard.count > 1 {
            let names = withCard.map(\.name.printable).joined(separator: ", ")
            throw Failure(
                .usage,
                Message(
                    "Several readers hold a CPS card; choose one with --reader: \(names)",
                    fr: "Plusieurs lecteurs contiennent une carte CPS ; choisissez avec --reader : \(names)"))
        }
        if let reader = withCard.first { return reader }
        throw Readers.noCPSCard(in: candidates)
    }

    /// The reason why none of these readers has a CPS card.
    static func noCPSCard(in readers: [Reader]) -> Failure {
        if readers.isEmpty {
            return Failure(
                .noCard, Message("No reader is plugged in.", fr: "Aucun lecteur n'est branché."),
                remedy: Message("Run `cps doctor` for details.", fr: "« cps doctor » en dit plus."))
        }
        if let card = readers.lazy.compactMap(\.otherCard).first {
            return Failure(
                .noCard,
                card == .unknown
                    ? Message(
                        "The card in the reader is not a CPS card.",
                        fr: "La carte dans le lecteur n'est pas une carte CPS.")
                    : Message(
                        "The card in the reader is \(card.message.english).",
                        fr: "La carte dans le lecteur est \(card.message.french)."),
                remedy: card.remedy)
        }
        if readers.contains(where: { $0.presence == .muteCard }) { return Failure(.cardUnresponsive) }
        return Failure(
            .noCard, Message("There is no card in the reader.", fr: "Aucune carte dans le lecteur."),
            remedy: Message("Insert your card, chip first.", fr: "Insérez votre carte, puce en avant."))
    }

    /// Resets a card that an ended program of this user left logged in, unless another login on
    /// it is valid (docs/architecture.md, "The register of logins"). Connects to no other card.
    func closeCardLeftOpen(in reader: Reader) {
        let place = CardPlace(card: nil, reader: reader.name, eventCount: reader.state.eventCount)
        guard let model = reader.model, FileLoginRegister().logins(on: place).callsForReset else { return }
        try? withCard(in: reader, model: model) { card in try card.reach() }
    }

    /// Runs a function on the card in a reader. Afterwards disconnects from the card, and resets
    /// it if a PIN was presented. Pending signals are then delivered; after a failure, only
    /// once it has been reported.
    func withCard<Result>(
        chosenBy choice: ReaderChoice, _ body: (CPSCard, Reader) throws -> Result
    ) throws -> Result {
        let reader = try chosen(by: choice)
        guard let model = reader.model else {
            throw Failure(CardError.notACPSCard)
        }
        return try withCard(in: reader, model: model) { try body($0, reader) }
    }

    /// Like `withCard(chosenBy:)`, for a known reader.
    func withCard<Result>(
        in reader: Reader, model: CardModel, _ body: (CPSCard) throws -> Result
    ) throws -> Result {
        do {
            let rules = LoginRules(
                logout: Settings.ofProcess().logout, register: FileLoginRegister(), reader: reader.name,
                eventCount: reader.state.eventCount)
            let card = CPSCard(model: model, rules: rules) { () throws(ChannelError) in
                try service.connect(to: reader.name)
            }
            let result: Result
            do {
                defer { card.close() }
                result = try body(card)
            }
            Signals.release()
            return result
        } catch let error as CardError {
            throw Failure(error)
        } catch let error as ChannelError {
            throw Failure(error)
        }
    }
}

/// The option `--reader` of commands that use one card.
struct ReaderChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            Message(
                "The reader to use: its name, or a part of it. Without it: the one reader that holds a CPS card.",
                fr: "Le lecteur : son nom, ou une partie. Sans cela : celui qui contient une carte CPS."
            ).text,
            valueName: Message("name", fr: "nom").text))
    var reader: String?
}
