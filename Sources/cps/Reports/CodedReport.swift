// SPDX-License-Identifier: Apache-2.0

import CPSData

/// A code table entry: the card's code, and its meaning in both languages if the table
/// has it.
struct CodedReport: Encodable {
    let table: String
    let code: String
    let english: String?
    let french: String?

    init(_ value: CodedValue) {
        table = value.table.name
        code = value.code
        english = value.meaning?.english
        french = value.meaning?.french
    }
}

/// The national identifier of a person or a structure.
struct IdentifierReport: Encodable {
    let kind: CodedReport
    let number: String

    init(_ identifier: NationalIdentifier) {
        kind = CodedReport(identifier.kind)
        number = identifier.number
    }
}

extension CodedValue {
    /// For people: the meaning, or the code if the table does not have it.
    var text: String { meaning?.text ?? "\(code.printable) (\(table.name))" }
}

extension NationalIdentifier {
    /// For people: the number and its kind.
    var text: String { "\(number.printable) (\(kind.text))" }
}
