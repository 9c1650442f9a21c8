// SPDX-License-Identifier: Apache-2.0

/// Who this card is: what C_GetTokenInfo tells.
public struct CardIdentity: CardContents, Sendable, Equatable {
    public var serialNumber: SerialNumber
    /// nil when the file cannot be read or understood.
    public var tokenInfo: TokenInfo?
    public var update: UpdateState
    /// Whether all of it could be read.
    public var isComplete: Bool
    var directory: ObjectDirectory

    /// What EF_ACTUA says about updates of the card's content (cards.md §6.1).
    public enum UpdateState: Sendable, Equatable {
        case neverUpdated
        case updated(UpdateLog)
        /// An update was begun and not finished: the card must not be used.
        case interrupted
    }

    public static func == (left: CardIdentity, right: CardIdentity) -> Bool {
        left.serialNumber == right.serialNumber && left.tokenInfo == right.tokenInfo
            && left.update == right.update
    }
}
