// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPSCard
import CPSData
import ISO7816
import Messages

/// `cps info`: the holder and the card.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: Message(
            "The holder: name, profession, identifier, card; with the PIN the activities.",
            fr: "Le titulaire : nom, profession, identifiant, carte ; avec le code porteur, les situations d'exercice."
        ).text)

    @Flag(
        name: [.long, .customLong("activities")],
        help: ArgumentHelp(
            Message(
                "Ask for the PIN, and show the activities too.",
                fr: "Demande le code porteur, et montre aussi les situations d'exercice."
            ).text))
    var pin = false

    @Flag(
        help: ArgumentHelp(
            Message(
                "Also show data that nobody has described, as raw bytes.",
                fr: "Montre aussi ce que personne n'a décrit, tel quel."
            ).text))
    var all = false

    @OptionGroup var pinOptions: PINOptions
    @OptionGroup var reader: ReaderChoice
    @OptionGroup var report: ReportOptions

    func run() throws {
        let file = try Readers().withCard(chosenBy: reader) { card, reader in
            let presentPIN = { try card.presentPIN(of: $0, pinOptions) }
            return try HolderFile(
                readingFrom: card, in: reader.name, presentPIN: pin || pinOptions.pinStdin ? presentPIN : nil)
        }
        if report.json {
            try Output.write(InfoReport(file))
        } else {
            try file.page(withUndescribed: all).show()
        }
    }
}

/// All data of a card about itself and its holder.
struct HolderFile {
    let reader: String
    let content: CardContent
    let card: CardDescription
    let holder: CardHolder
    /// Sorted by number; nil if the PIN was not presented.
    let activities: [Activity]?
    /// The data objects that could be read.
    let objects: [CardDataObject]
    /// The labels of those that could not be read.
    let unreadable: [String]

    /// - Parameter presentPIN: presents the PIN; nil to read public data only.
    init(readingFrom card: CPSCard, in reader: String, presentPIN: ((CardIdentity) throws -> Void)?) throws {
        let content = try CardContent(readingFrom: card)
        if content.identity.update == .interrupted { throw HolderFile.updateInterrupted }
        try presentPIN?(content.identity)
        let certificate = content.holderCertificate
        let label = content.identity.tokenInfo?.label
        let hints = CardDataObject.Hints(cardNumber: CardDescription.number(in: label), certificate: certificate)
        var objects: [CardDataObject] = []
        var unreadable: [String] = []
        for entry in try card.readDataObjects(of: content.identity).objects where !entry.isModifiable {
            if entry.isPrivate, presentPIN == nil { continue }
            try Signals.check()
            if let value = try card.value(of: entry) {
                objects.append(CardDataObject(label: entry.label, value: value, hints: hints))
            } else {
                unreadable.append(entry.label)
            }
        }
        self.reader = reader
        self.content = content
        self.card = CardDescription(tokenLabel: label, certificate: certificate, objects: objects)
        holder = CardHolder(certificate: certificate, objects: objects)
        let known = objects.compactMap(Activity.init) + unreadable.compactMap(Activity.init(unreadable:))
        activities = presentPIN == nil ? nil : known.sorted { $0.number < $1.number }
        self.objects = objects
        self.unreadable = unreadable
    }

    private static let updateInterrupted = Failure(
        .cardFailed,
        .init(
            "A card update was started and not finished: the card cannot be used.",
            fr: "Une mise à jour de la carte a été commencée et non terminée : elle est inutilisable."),
        remedy: .init(
            "Ask the card's issuer to finish the update.",
            fr: "Demandez à l'émetteur de la carte de terminer la mise à jour."))
}

extension CPSCard {
    /// - Returns: nil if the card lists the object but does not return it.
    fileprivate func value(of object: DataObject) throws(CardError) -> [UInt8]? {
        do throws(CardError) {
            return try readData(object)
        } catch {
            if case .channel = error { throw error }
            return nil
        }
    }
}
