// SPDX-License-Identifier: Apache-2.0

/// The rules that give fields a meaning (cards.md §5.3). Tags are known for activities only;
/// other fields are recognised by the values in the certificate, and by form and order.
extension CardDataObject {
    /// CPS_ID_CARD: category, type, number, issuer, days of validity.
    mutating func describeCard(_ hints: Hints) {
        recognise(.cardNumber, by: hints.cardNumber)
        let dates = fields.indices.compactMap { index in
            CalendarDate(field: fields[index].bytes).map { (index: index, date: $0) }  // checked: its own indices
        }
        if dates.count == 2, let first = dates.first, let last = dates.last, first.date <= last.date {
            mark(first.index, as: .validFrom, isInferred: true)
            mark(last.index, as: .validUntil, isInferred: true)
        }
        // Two codes of two digits, the category before the type.
        // checked: its own indices
        let codes = fields.indices.filter { fields[$0].meaning == nil && CardDataObject.isTwoDigits(fields[$0].text) }
        // checked: its own indices; two, counted first
        if codes.count == 2, let category = fields[codes[0]].text, let type = fields[codes[1]].text,
            CodeTable.cardCategories.contains(category), CodeTable.cardTypes.contains(type)
        {
            mark(codes[0], as: .cardCategory, isInferred: true)  // checked: two, see above
            mark(codes[1], as: .cardType, isInferred: true)  // checked: two, see above
        }
    }

    /// CPS_NAME_PS: identifier, civility, family name, given name.
    mutating func describeName(_ hints: Hints) {
        describePerson(hints)
        infer(.civility) { $0.text.map(CodeTable.civilities.contains) ?? false }
        inferNames()
    }

    /// CPS_LANG_PS: codes of two letters.
    mutating func describeLanguages() {
        for index in fields.indices {
            guard let text = fields[index].text, text.utf8.count == 2,  // checked: its own indices
                text.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) })
            else { continue }
            mark(index, as: .language, isInferred: true)
        }
    }

    /// CPS_INFO_PS: identifier, names, profession; the speciality comes last.
    mutating func describeProfession(_ hints: Hints) {
        // Most codes have four characters (official sample); SCD01 has five.
        if let last = fields.indices.last, let text = fields[last].text,  // checked: its own indices
            CardDataObject.isCode(text) || CodeTable.specialities.contains(text)
        {
            mark(last, as: .speciality, isInferred: false)
        }
        describePerson(hints)
        let isInTraining = hints.certificate?.cardType == "01"
        let (meaning, table) =
            isInTraining
            ? (.futureProfession, .futureProfessions) : (DataField.Meaning.profession, CodeTable.professions)
        recognise(.profession, by: hints.certificate?.profession)
        if field(.profession) == nil { infer(meaning) { $0.text.map(table.contains) ?? false } }
        inferNames()
    }

    /// CPS_ACTIVITY_nn_PS: the structure's name, its identifier, the sector.
    mutating func describeActivity() {
        let known: [UInt32: DataField.Meaning] = [0x84: .structureName, 0x85: .structureIdentifier, 0x86: .sector]
        for index in fields.indices {
            let tags = fields[index].tags  // checked: its own indices
            // checked: two, counted first; a dictionary
            guard tags.count == 2, tags[0] == 0xEE, let meaning = known[tags[1]], field(meaning) == nil,
                fields[index].text != nil  // checked: its own indices
            else { continue }
            mark(index, as: meaning, isInferred: false)
        }
        // The official sample takes the last four bytes, whatever their tag.
        // checked: its own indices
        if field(.sector) == nil, let last = fields.indices.last, fields[last].meaning == nil,
            CardDataObject.isCode(fields[last].text)  // checked: its own indices
        {
            mark(last, as: .sector, isInferred: false)
        }
        let number = CardDataObject.activityNumber(of: label).map { [UInt8(truncatingIfNeeded: $0)] }
        infer(.activityNumber) { $0.tags.last == 0x80 && $0.bytes == number }
        infer(.exerciseMode) { $0.text.map(CodeTable.exerciseModes.contains) ?? false }
    }

    // MARK: Parts

    /// Recognises values of the certificate; without one an RPPS number by its form.
    private mutating func describePerson(_ hints: Hints) {
        recognise(.identifier, by: hints.certificate?.identifier)
        recognise(.familyName, by: hints.certificate?.familyName)
        recognise(.givenName, by: hints.certificate?.givenName)
        if field(.identifier) == nil {
            infer(.identifier) { field in
                field.text.map {
                    $0.utf8.count == 12 && $0.hasPrefix("8") && $0.utf8.allSatisfy(CardDataObject.isDigit)
                }
                    ?? false
            }
        }
    }

    /// If exactly two texts are left that begin with a letter: family name, given name.
    private mutating func inferNames() {
        guard field(.familyName) == nil, field(.givenName) == nil else { return }
        let names = fields.indices.filter { index in
            fields[index].meaning == nil && (fields[index].text?.first?.isLetter ?? false)  // checked: its own indices
        }
        guard names.count == 2 else { return }
        mark(names[0], as: .familyName, isInferred: true)  // checked: two, see above
        mark(names[1], as: .givenName, isInferred: true)  // checked: two, see above
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isTwoDigits(_ text: String?) -> Bool {
        text.map { $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) } ?? false
    }

    /// Two capital letters and two digits: SM26, SA07.
    private static func isCode(_ text: String?) -> Bool {
        guard let bytes = text.map({ Array($0.utf8) }), bytes.count == 4 else { return false }
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
        // checked: four, see above
        return isLetter(bytes[0]) && isLetter(bytes[1]) && isDigit(bytes[2]) && isDigit(bytes[3])
    }
}
