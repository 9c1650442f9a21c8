// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Messages

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
                    remedy: Message("Try again.", fr: "Recommencez."))
            }
            return size
        }
        try Output.say(
            Message(
                "\(label.printable): \(value.count) of \(size) bytes written.",
                fr: "\(label.printable) : \(value.count) octets sur \(size) écrits."))
    }
}
