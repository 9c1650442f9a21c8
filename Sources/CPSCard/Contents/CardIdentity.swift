// SPDX-License-Identifier: Apache-2.0

/// Who this card is: what C_GetTokenInfo tells.
public struct CardIdentity: CardContents, Sendable, Equatable {
    /// The number in EF.SN, which every CPS card has.
    public var serialNumber: SerialNumber
    /// nil when the file cannot be read or understood.
    public var tokenInfo: TokenInfo?
    /// Whether the issuer is in the middle of an update of the card; `neverUpdated` for a CPS4, which has no
    /// EF_ACTUA.
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

    /// Differs after an update of the card by its issuer: the dates of EF_ACTUA and of TokenInfo, which a CPS4
    /// may leave as they are.
    public var lastUpdate: String {
        let log = if case .updated(let log) = update { log.start + log.end } else { "" }
        return log + (tokenInfo?.lastUpdate ?? "")
    }

    /// Compares what tells one card from another: how much of it could be read does not count.
    public static func == (left: CardIdentity, right: CardIdentity) -> Bool {
        left.serialNumber == right.serialNumber && left.tokenInfo == right.tokenInfo
            && left.update == right.update
    }
}
