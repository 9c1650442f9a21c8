// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Messages

/// `cps data`: the card's data objects.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: Message(
            "The card's data objects: list, read, write CPS_DATA.",
            fr: "Les objets de données de la carte : liste, lecture, écriture de CPS_DATA."
        ).text,
        subcommands: [DataListCommand.self, DataGetCommand.self, DataSetCommand.self])
}

/// The data objects of one card.
struct CardData {
    let card: CPSCard
    let identity: CardIdentity
    let objects: [DataObject]

    init(_ card: CPSCard) throws(CardError) {
        self.card = card
        identity = try card.readIdentity()
        objects = try card.readDataObjects(of: identity).objects
    }

    /// - Throws: `Failure` with `.notPossible` if the card has no object with this label.
    func object(labelled label: String) throws(Failure) -> DataObject {
        if let object = objects.first(where: { $0.label == label }) { return object }
        let labels = objects.map(\.label.printable).joined(separator: ", ")
        throw Failure(
            .notPossible,
            Message(
                "The card has no \(label.printable). It has: \(labels)",
                fr: "La carte n'a pas de \(label.printable). Elle a : \(labels)"))
    }

    /// Reads a value; asks for the PIN if the object or the card requires it.
    func read(_ object: DataObject, _ options: PINOptions) throws -> [UInt8] {
        if !object.isPrivate {
            do {
                return try card.readData(object)
            } catch CardError.status(.securityStatusNotSatisfied) {}
        }
        try card.presentPIN(of: identity, options)
        return try card.readData(object)
    }
}
