// SPDX-License-Identifier: Apache-2.0

import CSystem

import Glibc

/// The environment, which is the user's. A program with more rights than its user
/// (AT_SECURE: set-user-ID, set-group-ID, file capabilities) does not listen to it.
public enum Environment {
    /// Whether the program listens to its user.
    static var isTrusted: Bool { cps_auxiliary_value(UInt(cps_auxiliary_secure)) == 0 && getuid() == geteuid() }

    /// The value of a variable; nil without one, and in a program with more rights than its user.
    public static func value(_ name: String) -> String? {
        guard isTrusted, let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
