// SPDX-License-Identifier: Apache-2.0

import CPSCard

/// How an initialised library behaves, as chosen by the program that loads it or by the administrator.
public struct Configuration: Sendable, Equatable {
    /// Which objects of a card are visible.
    public enum View: Sendable, Equatable {
        /// All of them.
        case full
        /// Only the authentication key with its certificate. Both certificates of a card have the same name, so
        /// nobody can tell them apart in a browser's dialog, and the signature certificate is not for TLS.
        case browser
    }

    /// Which objects of a card are visible.
    public var view: View
    /// What happens to the card at the end of a login.
    public var logout = LogoutRule.last
    /// Whether files of cards may be cached on disk. The user can still turn it off.
    public var usesCache = true

    /// The defaults: all objects, a reset at the end of the last login, and the cache.
    public init(view: View = .full) { self.view = view }

    /// Applies the initialization string that a program passes to C_Initialize (NSS: `parameters=`, p11-kit:
    /// `x-init-reserved`): words separated by blanks or semicolons. Known words are `view=browser`, `view=full`,
    /// `logout=last`, `logout=reset`, `logout=leave` and `cache=off`. The official library's words (cards.md §7.2)
    /// are ignored.
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
