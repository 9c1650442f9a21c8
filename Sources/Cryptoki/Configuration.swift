// SPDX-License-Identifier: Apache-2.0

import CPSCard

/// How a library that was initialised behaves: what the program that loads it, or
/// who installed it, chose.
public struct Configuration: Sendable, Equatable {
    /// Which objects of a card are shown.
    public enum View: Sendable, Equatable {
        /// All of them.
        case full
        /// The authentication key with its certificate, nothing else. Both
        /// certificates of a card carry the same name: a person who chooses one in
        /// a browser's dialog cannot tell them apart, and the signature
        /// certificate opens no session.
        case browser
    }

    /// Which objects of a card are shown.
    public var view: View
    /// What becomes of the card at the end of a login.
    public var logout = LogoutRule.last
    /// Whether files of cards may be kept on disk; the user can still refuse.
    public var usesCache = true

    /// The defaults: all objects, a reset at the end of the last login, and the cache.
    public init(view: View = .full) { self.view = view }

    /// Reads the initialization string that a program passes to C_Initialize
    /// (NSS: `parameters=`, p11-kit: `x-init-reserved`): words between blanks or
    /// semicolons, of which `view=browser`, `view=full`, `logout=last`, `logout=reset`,
    /// `logout=leave` and `cache=off` mean something here.
    /// The words of the official library (cards.md §7.2) are without effect.
    public mutating func apply(initializationString text: String) {
        for word in text.split(whereSeparator: { " ;\t\n".contains($0) }) {
            switch word {
            case "view=browser": view = .browser
            case "view=full": view = .full
            case "logout=last": logout = .last
            case "logout=reset": logout = .reset
            case "logout=leave": logout = .leave
            case "cache=off": usesCache = false
            default: continue
            }
        }
    }
}
