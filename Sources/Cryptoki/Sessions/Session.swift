// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostSystem

/// A session: a caller's view of one insertion of a card, with the operations
/// that it has under way.
final class Session: Sendable {
    let handle: CK_SESSION_HANDLE
    let slot: Slot
    let token: Token
    let isReadWrite: Bool

    /// The operations under way, at most one of each kind (PKCS#11 3.1 §5.2).
    struct Operations {
        var search: SearchOperation?
        var signature: SignatureOperation?
        var verification: VerificationOperation?
        var digest: DigestOperation?
        var encryption: EncryptionOperation?
        var decryption: DecryptionOperation?

        /// Ends the operations that the flags name.
        /// - Returns: whether one was under way.
        mutating func cancel(_ flags: CK_FLAGS) -> Bool {
            var found = false
            func end<Operation>(_ operation: inout Operation?, _ flag: CK_FLAGS) {
                guard flags & flag != 0, operation != nil else { return }
                operation = nil
                found = true
            }
            end(&search, CKF_FIND_OBJECTS)
            end(&encryption, CKF_ENCRYPT)
            end(&decryption, CKF_DECRYPT)
            end(&digest, CKF_DIGEST)
            end(&signature, CKF_SIGN)
            end(&verification, CKF_VERIFY)
            return found
        }

        /// Ends what only a logged-in user may have.
        mutating func endPrivate() { decryption = nil }
    }

    /// Held for the time of a call that works on an operation.
    let operations = Lock(Operations())

    init(handle: CK_SESSION_HANDLE, slot: Slot, token: Token, isReadWrite: Bool) {
        self.handle = handle
        self.slot = slot
        self.token = token
        self.isReadWrite = isReadWrite
    }

    /// CK_SESSION_INFO.state (PKCS#11 3.1 §5.6.7). A token without a PIN has
    /// nothing to log in for: its sessions count as the user's (cards.md §7.5). The reader
    /// is looked at first: another program may have ended the login.
    var state: CK_STATE {
        switch token.currentLogin() {
        case .unblocking: CKS_RW_SO_FUNCTIONS
        case .user: isReadWrite ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS
        case .nobody, .lost, .unreleased:
            if token.model.hasPIN {
                isReadWrite ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION
            } else {
                isReadWrite ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS
            }
        }
    }
}

/// The user types of C_Login that a card knows.
public enum UserType: Sendable {
    case user
    case securityOfficer

    /// Whose PIN is presented: the security officer's is the unblocking code.
    var role: PINRole { self == .user ? .user : .unblocking }
}
