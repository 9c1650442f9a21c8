import ArgumentParser
import CPSCard
import Messages

/// `cps status`: readers and cards in one screen.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: Message("Readers, cards, tries left.", fr: "Lecteurs, cartes, essais restants.").text)

    func run() throws {
        let readers = Readers()
        for reader in try readers.all() {
            guard let model = reader.model else {
                try Output.say(reader.name)
                continue
            }
            let identity = try readers.withCard(in: reader, model: model) { card in try card.readIdentity() }
            try Output.say("\(reader.name): \(identity.serialNumber)")
        }
    }
}
