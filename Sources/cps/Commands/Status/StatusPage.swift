// SPDX-License-Identifier: Apache-2.0

import Messages

extension StatusReport {
    /// The report as one page.
    func page(of contents: [String: CardContent]) -> Page {
        var page = Page()
        for reader in readers {
            page.space()
            page.heading(StyledText(reader.reader.name.printable, .strong))
            reader.add(to: &page, contents[reader.reader.name])
        }
        return page
    }
}

extension ReaderReport {
    fileprivate func add(to page: inout Page, _ content: CardContent?) {
        switch state {
        case .empty: page.paragraph(StyledText(Message("no card", fr: "aucune carte").text, .faint))
        case .otherCard: page.paragraph((reader.otherCard ?? .unknown).message)
        case .muteCard, .unreadableCard:
            page.paragraph(StyledText(trouble.message.text, .bad))
            if let remedy = trouble.remedy { page.paragraph(remedy) }
        case .cpsCard:
            if let card, let content { card.add(to: &page, content) }
        }
    }

    private var trouble: Failure { failure ?? Failure(.cardUnresponsive) }
}

extension CardStatusReport {
    fileprivate func add(to page: inout Page, _ content: CardContent) {
        let name = [label?.printable, content.model == .cps3Contactless ? contactless : nil].compactMap { $0 }
        page.field(
            Message("Card", fr: "Carte"),
            StyledText((name.isEmpty ? [model] : name).joined(separator: ", ") + ", " + serial))
        if isUpdateInterrupted {
            page.field(
                "",
                StyledText(
                    Message(
                        "a card update was not finished: the card cannot be used",
                        fr: "une mise à jour de la carte n'est pas terminée : elle est inutilisable"
                    ).text, .bad))
        }
        if let holder {
            let words = [holder.name, holder.title].compactMap { $0?.printable }
            page.field(Message("Holder", fr: "Titulaire"), StyledText(words.joined(separator: ", ")))
        }
        if let pin = content.pin {
            var sentence = pin.styledSentence
            if pin.triesLeft == 0, !pin.isUnblockedByNothing { sentence.text += "\n→ \(Remedy.unblocking.text)" }
            page.field(Message("PIN", fr: "Code porteur"), sentence)
        } else if content.pins.problem == .noPIN {
            page.field(
                Message("PIN", fr: "Code porteur"),
                StyledText(Message("this card has none", fr: "cette carte n'en a pas").text))
        } else {
            page.field(
                Message("PIN", fr: "Code porteur"),
                StyledText(
                    Message("the card's PIN information cannot be read", fr: "ce que la carte en dit est illisible")
                        .text,
                    .bad))
        }
        if let puk = content.puk {
            page.field(Message("Unblocking code", fr: "Code de déblocage"), puk.styledSentence)
        } else if content.pins.problem == .noPUK {
            page.field(
                Message("Unblocking code", fr: "Code de déblocage"),
                StyledText(Message("the card lists none", fr: "la carte n'en indique pas").text, .warning))
        }
        for certificate in certificates { page.field(certificate.name, certificate.sentence) }
    }

    private var contactless: String { Message("contactless", fr: "sans contact").text }
    private var serial: String { Message("serial number \(serialNumber)", fr: "numéro de série \(serialNumber)").text }
}
