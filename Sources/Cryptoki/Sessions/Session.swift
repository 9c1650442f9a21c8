// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostSystem

/// A session: one caller's view of one insertion of a card, with its active operations.
final class Session: Sendable {
    let handle: CK_SESSION_HANDLE
    let slot: Slot
    let token: Token
    let isReadWrite: Bool

    /// The active operations, at most one of each kind (PKCS#11 3.1 §5.2).
    struct Operations {
        var search: SearchOperation?
        var signature: SignatureOperation?
        var verification: VerificationOperation?
        var digest: DigestOperation?
        var encryption: EncryptionOperation?
        var decryption: DecryptionOperation?

        /// Ends the operations named by the flags.
        /// - Returns: whether one was active.
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

        /// Ends the operations that need a login.
        mutating func endPrivate() { decryption = nil }
    }

    /// The lock is held during calls that use an operation.
    let operations = Lock(Operations())

    init(handle: CK_SESSION_HANDLE, slot: Slot, token: Token, isReadWrite: Bool) {
        self.handle = handle
        self.slot = slot
        self.token = token
        self.isReadWrite = isReadWrite
    }

    /// CK_SESSION_INFO.state (PKCS#11 3.1 §5.6.7). A token without a PIN needs no login: its sessions count as the
    /// user's (cards.md §7.5). The reader is checked first, since another program may have ended the login.
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

/// The user types of C_Login that cards support.
public enum UserType: Sendable {
    /// CKU_USER, with the user's PIN.
    case user
    /// CKU_SO, with the unblocking code.
    case securityOfficer

    /// The role whose PIN is presented.
    var role: PINRole { self == .user ? .user : .unblocking }
}
