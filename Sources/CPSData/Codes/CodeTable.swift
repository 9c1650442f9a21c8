// SPDX-License-Identifier: Apache-2.0

import Messages

/// A code table of the agency: codes and their meanings (cards.md §5.6).
public struct CodeTable: Sendable, Equatable {
    /// The name of the table, for example G15 or R02.
    public let name: String
    /// Its object identifier, which assertions and documents name; nil if nothing here needs it.
    public let objectIdentifier: String?
    let meanings: [String: Message]

    init(_ name: String, objectIdentifier: String? = nil, _ meanings: [String: Message]) {
        self.name = name
        self.objectIdentifier = objectIdentifier
        self.meanings = meanings
    }

    /// The meaning of a code; nil if the table does not have it.
    public subscript(code: String) -> Message? { meanings[code] }  // checked: a dictionary

    /// Whether the table has this code.
    public func contains(_ code: String) -> Bool { meanings[code] != nil }  // checked: a dictionary
}

/// A code on the card, with its table. The table need not have the code.
public struct CodedValue: Sendable, Equatable {
    /// The characters on the card.
    public let code: String
    /// The table with the meaning.
    public let table: CodeTable

    /// Makes a value; the code need not be in the table.
    public init(_ code: String, in table: CodeTable) {
        self.code = code
        self.table = table
    }

    /// The meaning; nil if the table does not have the code.
    public var meaning: Message? { table[code] }  // checked: a dictionary
}
