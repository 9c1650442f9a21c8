// SPDX-License-Identifier: Apache-2.0

import CPSData

/// A code of a table: as the card has it, and spelt out in both languages where the
/// table knows it.
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

/// The number of a person or a structure.
struct IdentifierReport: Encodable {
    let kind: CodedReport
    let number: String

    init(_ identifier: NationalIdentifier) {
        kind = CodedReport(identifier.kind)
        number = identifier.number
    }
}

extension CodedValue {
    /// For people: spelt out; a code that the table does not know as it is.
    var text: String { meaning?.text ?? "\(code.printable) (\(table.name))" }
}

extension NationalIdentifier {
    /// For people: the number, and what it is.
    var text: String { "\(number.printable) (\(kind.text))" }
}
