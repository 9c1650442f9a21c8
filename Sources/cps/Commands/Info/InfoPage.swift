// SPDX-License-Identifier: Apache-2.0

import CPSData
import Messages
import PKIX

extension HolderFile {
    /// The data as one page.
    /// - Parameter withUndescribed: whether to include data without a public description.
    func page(withUndescribed: Bool) -> Page {
        var page = Page()
        add(holder, to: &page)
        add(card, to: &page)
        page.space()
        page.heading(Message("Certificates", fr: "Certificats"))
        for certificate in content.certificates.map(CertificateReport.init) {
            page.field(certificate.name, certificate.sentence)
        }
        addActivities(to: &page)
        addUnreadable(to: &page)
        if withUndescribed { addUndescribed(to: &page) } else { mentionUndescribed(on: &page) }
        return page
    }

    private func add(_ holder: CardHolder, to page: inout Page) {
        page.heading(Message("Holder", fr: "Titulaire"))
        let name = [holder.civility?.text, holder.givenName?.printable, holder.familyName?.printable].compactMap { $0 }
        page.add(Message("Name", fr: "Nom"), name.isEmpty ? nil : name.joined(separator: " "))
        page.add(Message("Pseudonym", fr: "Pseudonyme"), holder.pseudonym?.printable)
        if let profession = holder.profession {
            page.add(Message("Profession", fr: "Profession"), profession.text)
        } else if let title = content.certificates.lazy.compactMap({ $0.certificate?.title }).first {
            page.add(title.name, title.text)
        }
        page.add(Message("Future profession", fr: "Future profession"), holder.futureProfession?.text)
        page.add(Message("Speciality", fr: "Spécialité"), holder.speciality?.text)
        page.add(Message("Identifier", fr: "Identifiant"), holder.identifier?.text)
        page.add(Message("Languages", fr: "Langues"), HolderFile.text(holder.languages))
        if let organisation = holder.organisation {
            let words = [organisation.name, organisation.department].compactMap { $0?.printable }
            page.add(Message("Organisation", fr: "Organisation"), words.isEmpty ? nil : words.joined(separator: ", "))
            page.add(Message("Its identifier", fr: "Son identifiant"), organisation.identifier?.text)
        }
    }

    private func add(_ card: CardDescription, to page: inout Page) {
        page.space()
        page.heading(Message("Card", fr: "Carte"))
        page.add(Message("Family", fr: "Famille"), card.type?.text ?? card.family?.rawValue)
        page.add(Message("Category", fr: "Catégorie"), card.category?.text)
        page.add(Message("Number", fr: "Numéro"), card.number)
        page.add(Message("Serial number", fr: "Numéro de série"), content.identity.serialNumber.digits)
        page.add(Message("Model", fr: "Modèle"), content.identity.tokenInfo?.label?.printable ?? content.model.name)
        page.add(Message("Valid from", fr: "Valable du"), card.validFrom.map(HolderFile.text))
        if let end = card.validUntil {
            let isOver = end.iso8601 < UniversalTime.now.iso8601.prefix { $0 != "T" }
            let text = HolderFile.text(end) + (isOver ? Message(", EXPIRED", fr: ", EXPIRÉE").text : "")
            page.field(Message("Valid until", fr: "Valable jusqu'au"), StyledText(text, isOver ? .bad : .plain))
        }
    }

    private func addActivities(to page: inout Page) {
        guard let activities else {
            guard content.pin != nil else { return }
            page.space()
            page.paragraph(
                Message(
                    "`cps info --pin` asks for the PIN and shows the activities too.",
                    fr: "« cps info --pin » demande le code porteur et montre aussi les situations d'exercice."))
            return
        }
        for activity in activities {
            page.space()
            page.heading(Message("Activity \(activity.number)", fr: "Situation d'exercice \(activity.number)"))
            switch activity.state {
            case .described: break
            case .empty:
                page.paragraph(
                    Message(
                        "empty: only its place is reserved on the card", fr: "vide : la carte n'en garde que la place"))
            case .unreadable: page.paragraph(StyledText(Message("cannot be read", fr: "illisible").text, .warning))
            }
            page.add(Message("Structure", fr: "Structure"), activity.structureName?.printable)
            page.add(Message("Identifier", fr: "Identifiant"), activity.structureIdentifier?.text)
            page.add(Message("Sector", fr: "Secteur"), activity.sector?.text)
            page.add(Message("Mode", fr: "Mode"), activity.exerciseMode?.text)
        }
        if activities.isEmpty {
            page.space()
            page.paragraph(Message("The card has no activities.", fr: "La carte n'a pas de situation d'exercice."))
        }
    }

    private var undescribed: [(label: String, field: DataField)] {
        objects.flatMap { object in object.unknownFields.map { (label: object.label, field: $0) } }
    }

    /// Lists the data objects, other than activities, that the card does not return.
    private func addUnreadable(to page: inout Page) {
        let labels = unreadable.filter { Activity(unreadable: $0) == nil }
        if labels.isEmpty { return }
        page.space()
        page.heading(Message("Data that cannot be read", fr: "Données illisibles"))
        for label in labels { page.paragraph(StyledText(label.printable, .warning)) }
    }

    private func mentionUndescribed(on page: inout Page) {
        if undescribed.isEmpty { return }
        page.space()
        page.paragraph(
            StyledText(
                Message(
                    "The card holds more data, whose meaning is not public: `cps info --all` shows it.",
                    fr:
                        "La carte contient d'autres données, de signification non publique : « cps info --all » les montre."
                ).text, .faint))
    }

    /// Lists the data without a public description, as raw bytes.
    private func addUndescribed(to page: inout Page) {
        let rest = undescribed
        if rest.isEmpty { return }
        page.space()
        page.heading(
            Message("Data whose meaning is not public", fr: "Données dont la signification n'est pas publique"))
        for (label, field) in rest {
            let name = [label.printable, field.path].filter { !$0.isEmpty }.joined(separator: " ")
            let text = field.text.map { Message("  \"\($0)\"", fr: "  « \($0) »").text } ?? ""
            page.field(name, StyledText(field.hexadecimal + text, .faint))
        }
    }

    private static func text(_ languages: [String]) -> String? {
        if languages.isEmpty { return nil }
        return languages.map { CodedValue($0.lowercased(), in: .languages).text }.joined(separator: ", ")
    }

    private static func text(_ date: CalendarDate) -> String { Message(date.iso8601, fr: date.french).text }
}

extension Page {
    /// Adds a field; nothing if the value is nil.
    fileprivate mutating func add(_ name: Message, _ value: String?) {
        if let value { field(name, StyledText(value)) }
    }
}
