// SPDX-License-Identifier: Apache-2.0

/// The access rules of files (IAS-ECC; cards.md §2.4).

/// Which of the chip's two interfaces a session uses (cards.md §1.1).
public enum CardInterface: Sendable, Hashable {
    case contact
    case contactless
}

/// One security condition byte.
public enum AccessCondition: Sendable, Hashable {
    case always
    /// After the user PIN. Coded 11; the real card's value is not known (cards.md §9.4).
    case userPIN
    /// Secure messaging with the issuer's keys: nobody else can meet it.
    case issuer
    case never

    /// The security condition byte (SCB).
    var byte: UInt8 {
        switch self {
        case .always: 0x00
        case .userPIN: 0x11
        case .issuer: 0x45
        case .never: 0xFF
        }
    }
}

/// The conditions of one file over one interface.
public struct AccessRule: Sendable, Hashable {
    /// For READ BINARY.
    public var read: AccessCondition
    /// For UPDATE BINARY.
    public var update: AccessCondition
    /// For the FCI only: no virtual card can delete a file.
    public var delete: AccessCondition

    /// Makes a rule; by default only reading is possible.
    public init(read: AccessCondition, update: AccessCondition = .never, delete: AccessCondition = .never) {
        self.read = read
        self.update = update
        self.delete = delete
    }

    /// No access over this interface.
    public static let nothing = AccessRule(read: .never)

    /// Access mode byte 7B (delete, terminate, activate, deactivate, update,
    /// read) and its six conditions.
    var encoded: [UInt8] {
        [0x7B, delete.byte, 0xFF, 0xFF, 0xFF, update.byte, read.byte]
    }
}
