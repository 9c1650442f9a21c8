// SPDX-License-Identifier: Apache-2.0

import CPSCard

/// The user types of C_Login that a card knows.
public enum UserType: Sendable {
    case user
    case securityOfficer

    /// Whose PIN is presented: the security officer's is the unblocking code.
    var role: PINRole { self == .user ? .user : .unblocking }
}
