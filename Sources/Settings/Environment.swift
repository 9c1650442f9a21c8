// SPDX-License-Identifier: Apache-2.0

import CSystem
import Glibc

/// The environment variables, which the user controls. They are ignored in a set-user-ID program (AT_SECURE:
/// set-user-ID, set-group-ID, file capabilities).
public enum Environment {
    /// Whether this is no set-user-ID program.
    static var isTrusted: Bool { cps_auxiliary_value(UInt(cps_auxiliary_secure)) == 0 && getuid() == geteuid() }

    /// The value of a variable; nil if it is not set, and in a set-user-ID program.
    public static func value(_ name: String) -> String? {
        guard isTrusted, let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
