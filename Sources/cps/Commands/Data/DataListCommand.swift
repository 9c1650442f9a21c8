// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import Messages

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
