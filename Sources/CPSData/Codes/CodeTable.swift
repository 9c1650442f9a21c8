// SPDX-License-Identifier: Apache-2.0

import Messages

/// A table of the agency's code lists: codes and what they stand for (cards.md §5.6).
public struct CodeTable: Sendable, Equatable {
    /// G15, R02.
    public let name: String
    let meanings: [String: Message]

    init(_ name: String, _ meanings: [String: Message]) {
        self.name = name
        self.meanings = meanings
    }

    /// What a code stands for; nil for one that the table has not.
    public subscript(code: String) -> Message? { meanings[code] }  // checked: a dictionary

    /// Whether the table has this code.
    public func contains(_ code: String) -> Bool { meanings[code] != nil }  // checked: a dictionary
}

/// A code as the card has it. One that its table does not know is shown as it is.
public struct CodedValue: Sendable, Equatable {
    /// The characters on the card.
    public let code: String
    /// The table that says what they stand for.
    public let table: CodeTable

    /// Makes a value; the code need not be in the table.
    public init(_ code: String, in table: CodeTable) {
        self.code = code
        self.table = table
    }

    /// What it stands for; nil for a code that the table has not.
    public var meaning: Message? { table[code] }  // checked: a dictionary
}
