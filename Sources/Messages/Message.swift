// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A user-facing sentence, in English and French.
public struct Message: Sendable, Equatable {
    /// The English sentence.
    public let english: String
    /// The French sentence.
    public let french: String

    /// Both sentences are complete and say the same, in the same tense and with the same figures.
    public init(_ english: String, fr french: String) {
        self.english = english
        self.french = french
    }

    /// The sentence in the language of the user's locale.
    public var text: String { Language.current == .french ? french : english }
}

/// The language of user-facing text.
public enum Language: Sendable {
    case english
    case french

    /// French when the first set of LC_ALL, LC_MESSAGES and LANG begins with `fr`.
    public static let current: Language = {
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            guard let value = unsafe getenv(name) else { continue }
            let text = unsafe String(cString: value)
            if !text.isEmpty { return text.hasPrefix("fr") ? .french : .english }
        }
        return .english
    }()
}
