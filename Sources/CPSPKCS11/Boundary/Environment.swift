// SPDX-License-Identifier: Apache-2.0

import CLoader
import Glibc

/// The environment variables that the library reads: none in a set-user-ID program
/// (AT_SECURE; also set-group-ID, or with file capabilities). There the environment is the
/// user's, who is not trusted.
enum Environment {
    static func value(_ name: String) -> String? {
        guard cps_auxiliary_value(UInt(cps_auxiliary_secure)) == 0, let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
