// SPDX-License-Identifier: Apache-2.0

/// Which card it is, for C_GetTokenInfo.
public struct CardIdentity: CardContents, Sendable, Equatable {
    /// The number in EF.SN, which every CPS card has.
    public var serialNumber: SerialNumber
    /// nil if the file is missing or malformed.
    public var tokenInfo: TokenInfo?
    /// Whether an update by the issuer is unfinished. Always `neverUpdated` for a CPS4, which has no EF_ACTUA.
    public var update: UpdateState
    /// Whether every file was readable.
    public var isComplete: Bool
    var directory: ObjectDirectory

    /// The card's last update according to EF_ACTUA (cards.md §6.1).
    public enum UpdateState: Sendable, Equatable {
        /// There was no update.
        case neverUpdated
        /// The last update is finished.
        case updated(UpdateLog)
        /// An update was started but not finished. The card must not be used.
        case interrupted
    }

    /// Changes with an update by the issuer: the dates of EF_ACTUA and TokenInfo. A CPS4 may keep them.
    public var lastUpdate: String {
        let log = if case .updated(let log) = update { log.start + log.end } else { "" }
        return log + (tokenInfo?.lastUpdate ?? "")
    }

    /// Compares what distinguishes cards. How much was readable does not matter.
    public static func == (left: CardIdentity, right: CardIdentity) -> Bool {
        left.serialNumber == right.serialNumber && left.tokenInfo == right.tokenInfo
            && left.update == right.update
    }
}
