// SPDX-License-Identifier: Apache-2.0

import CPSCard

/// The settings of the administrator and of the user. The library and the command `cps` read the same ones.
public struct Settings: Sendable, Equatable {
    /// What happens to the card at the end of a login.
    public var logout = LogoutRule.last
    /// Whether public content of cards may be cached. Once it is off, no later setting turns it on.
    public var usesCache = true

    /// The defaults.
    public init() {}

    /// The settings of this process: first the machine's file, then the user's, then the environment. Later ones
    /// override earlier ones. A set-user-ID program reads the machine's file only.
    public static func ofProcess() -> Settings {
        Settings(machineFile: "/etc/cps-pkcs11.conf", environment: Environment.value)
    }

    /// - Parameters:
    ///   - machineFile: the path of the machine's file.
    ///   - environment: returns a variable's value; always nil in a set-user-ID program.
    package init(machineFile: String, environment: (String) -> String?) {
        apply(file: machineFile)
        if let userFile = Settings.userFile(environment) { apply(file: userFile) }
        for (variable, key) in [("CPS_PKCS11_LOGOUT", "logout"), ("CPS_PKCS11_CACHE", "cache")] {
            if let value = environment(variable) { set(key, to: value) }
        }
    }

    /// `$XDG_CONFIG_HOME/cps-pkcs11/config`, or `~/.config/cps-pkcs11/config`.
    private static func userFile(_ environment: (String) -> String?) -> String? {
        func path(_ variable: String) -> String? {
            environment(variable).flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
        }
        let folder = path("XDG_CONFIG_HOME") ?? path("HOME").map { $0 + "/.config" }
        return folder.map { $0 + "/cps-pkcs11/config" }
    }

    private mutating func apply(file: String) {
        for (key, value) in SettingsFile(path: file).entries { set(key, to: value) }
    }

    /// Applies one setting. Unknown keys and values are ignored, since they may be those of a later version.
    mutating func set(_ key: String, to value: String) {
        switch key {
        case "logout": logout = LogoutRule(rawValue: value) ?? logout
        case "cache": if value == "off" { usesCache = false }
        default: break
        }
    }
}
