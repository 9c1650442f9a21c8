// SPDX-License-Identifier: Apache-2.0

import CPSCard

/// What the person who runs the machine, and the user, chose. The library and the command
/// `cps` read the same.
public struct Settings: Sendable, Equatable {
    /// What becomes of the card at the end of a login.
    public var logout = LogoutRule.last
    /// Whether what is public on cards may be cached. Once it is off, nothing turns it on again.
    public var usesCache = true

    /// The defaults.
    public init() {}

    /// The settings of this process: of the machine, then of the user, then of the
    /// environment; what comes later goes before what came earlier. A program with more
    /// rights than its user reads the machine's only.
    public static func ofProcess() -> Settings {
        Settings(machineFile: "/etc/cps-pkcs11.conf", environment: Environment.value)
    }

    /// - Parameters:
    ///   - machineFile: the path of the machine's file.
    ///   - environment: a variable's value; nil for each of them in a program that is not
    ///     to listen to its user.
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

    /// Sets what a key stands for. Keys and values that are not known are without effect:
    /// they may be a later version's.
    mutating func set(_ key: String, to value: String) {
        switch key {
        case "logout": logout = LogoutRule(rawValue: value) ?? logout
        case "cache": if value == "off" { usesCache = false }
        default: break
        }
    }
}
