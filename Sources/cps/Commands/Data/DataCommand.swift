// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Glibc
import Messages
import SmartCardBytes

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

/// `cps data list`: lists the data objects without their values.
struct DataListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Message("The labels of all objects.", fr: "Les noms de tous les objets.").text)

    @OptionGroup var reader: ReaderChoice
    @OptionGroup var report: ReportOptions

    func run() throws {
        let objects = try Readers().withCard(chosenBy: reader) { card, _ in try CardData(card).objects }
        if report.json { return try Output.write(DataListReport(objects: objects.map(DataListReport.Object.init))) }
        var page = Page()
        for object in objects {
            let remarks = [
                object.isPrivate ? Message("needs the PIN", fr: "demande le code porteur") : nil,
                object.isModifiable ? Message("can be written", fr: "modifiable") : nil,
            ]
            let text = remarks.compactMap { $0?.text }.joined(separator: ", ")
            page.field(object.label.printable, StyledText(text, .faint))
        }
        try page.show()
    }
}

/// The data objects of a card.
struct DataListReport: Report {
    static let schema = "cps-data-list/1"
    let objects: [Object]

    struct Object: Encodable {
        let label: String
        /// Whether its value needs the PIN.
        let `private`: Bool
        let modifiable: Bool

        init(_ object: DataObject) {
            label = object.label
            `private` = object.isPrivate
            modifiable = object.isModifiable
        }
    }
}

/// `cps data get`: writes the value of a data object.
struct DataGetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: Message("Read an object's value.", fr: "Lit la valeur d'un objet.").text,
        discussion: Message(
            "Bytes as they are; in hexadecimal on a terminal.",
            fr: "Les octets tels quels ; en hexadécimal sur un terminal."
        ).text)

    @Argument(
        help: ArgumentHelp(
            Message("The object, as `cps data list` names it.", fr: "L'objet, comme « cps data list » le nomme.").text,
            valueName: Message("label", fr: "nom").text))
    var label: String

    @Flag(help: ArgumentHelp(Message("Write hexadecimal.", fr: "Écrit en hexadécimal.").text))
    var hex = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var reader: ReaderChoice
    @OptionGroup var pinOptions: PINOptions

    func run() throws {
        let place = try OutputFile(output)
        let value = try Readers().withCard(chosenBy: reader) { card, _ in
            let data = try CardData(card)
            return try data.read(try data.object(labelled: label), pinOptions)
        }
        let isForPeople = hex || place.path == nil && isatty(STDOUT_FILENO) == 1
        try place.write(isForPeople ? Array(DataGetCommand.lines(value).utf8) : value)
    }

    /// Lines of 32 bytes.
    private static func lines(_ value: [UInt8]) -> String {
        stride(from: 0, to: value.count, by: 32)
            .map { Hexadecimal.encode(value[$0..<min($0 + 32, value.count)]) + "\n" }.joined()
    }
}

/// `cps data set`: writes a new value to CPS_DATA, the only writable object.
struct DataSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: Message("Write CPS_DATA.", fr: "Écrit CPS_DATA.").text,
        discussion: Message(
            "A shorter value is padded with zero bytes. A value longer than the object is refused.",
            fr:
                "Une valeur plus courte est complétée par des octets nuls. Une valeur plus longue que l'objet est refusée."
        ).text)

    @Argument(
        help: ArgumentHelp(
            Message("The object, CPS_DATA.", fr: "L'objet, CPS_DATA.").text, valueName: Message("label", fr: "nom").text
        ))
    var label: String

    @Argument(
        help: ArgumentHelp(
            Message("The file with the new value.", fr: "Le fichier de la nouvelle valeur.").text,
            valueName: Message("file", fr: "fichier").text))
    var file: String

    @OptionGroup var reader: ReaderChoice
    @OptionGroup var pinOptions: PINOptions

    /// The longest input in bytes; a card's file is smaller.
    private static let longestValue = 0x8000

    func run() throws {
        let value = try InputFile(file).content(upTo: DataSetCommand.longestValue)
        let size = try Readers().withCard(chosenBy: reader) { card, _ in
            let data = try CardData(card)
            let object = try data.object(labelled: label)
            guard object.isModifiable else {
                throw Failure(
                    .notPossible,
                    Message("\(label.printable) cannot be written.", fr: "\(label.printable) n'est pas modifiable."))
            }
            let size = try card.readData(object).count
            guard value.count <= size else {
                throw Failure(
                    .notPossible,
                    Message(
                        "\(label.printable) has room for \(size) bytes, the file has \(value.count); nothing was written.",
                        fr:
                            "\(label.printable) a une place de \(size) octets, le fichier en a \(value.count) ; rien n'a été écrit."
                    ))
            }
            try card.presentPIN(of: data.identity, pinOptions)
            try card.writeData(value, to: object)
            let written = value + [UInt8](repeating: 0, count: size - value.count)
            guard try card.readData(object) == written else {
                throw Failure(
                    .cardFailed,
                    Message(
                        "The card does not hold what was written.", fr: "La carte ne contient pas ce qui a été écrit."),
                    remedy: Remedy.again)
            }
            return size
        }
        try Output.say(
            Message(
                "\(label.printable): \(value.count) of \(size) bytes written.",
                fr: "\(label.printable) : \(value.count) octets sur \(size) écrits."))
    }
}
