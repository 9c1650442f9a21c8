// SPDX-License-Identifier: Apache-2.0

import CLoader
import Glibc

/// The environment, as far as the library listens to it: not at all in a program
/// that has rights which its user has not (AT_SECURE: set-user-ID, set-group-ID, file
/// capabilities). There it is the user's, and the user is not to be trusted.
enum Environment {
    static func value(_ name: String) -> String? {
        guard cps_auxiliary_value(UInt(cps_auxiliary_secure)) == 0, let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
