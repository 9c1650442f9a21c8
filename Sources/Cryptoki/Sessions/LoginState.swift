// SPDX-License-Identifier: Apache-2.0

/// Who is logged in to a token, for all sessions of this process (PKCS#11 3.1 §5.6.8).
public enum LoginState: Sendable {
    case nobody
    case user
    case securityOfficer
}

/// The user types of C_Login that a card knows.
public enum UserType: Sendable {
    case user
    case securityOfficer

    var loginState: LoginState {
        switch self {
        case .user: .user
        case .securityOfficer: .securityOfficer
        }
    }
}
