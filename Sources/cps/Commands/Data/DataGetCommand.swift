// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Messages
import SmartCardBytes

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
