// SPDX-License-Identifier: Apache-2.0

/// Entries of the card's directories, without values.
public protocol CardContents {
    /// Whether every directory was readable and every entry well-formed.
    var isComplete: Bool { get }
}

/// The PINs of a card.
public struct CardPINs: CardContents, Sendable, Equatable {
    /// The user's PIN; nil on a contactless card.
    public var userPIN: PINObject?
    /// The PUK; nil if the card lists none.
    public var puk: PINObject?
    /// Whether the directory of PINs was readable and well-formed.
    public var isComplete = true
}

extension CardPINs {
    /// The user's PIN on a card of this model.
    /// - Throws: `.noPIN` for a model without a PIN, `.pinsUnreadable` if the directory is not readable.
    public func neededUserPIN(on model: CardModel) throws(CardError) -> PINObject {
        guard model.hasPIN else { throw .noPIN }
        guard let userPIN else { throw .pinsUnreadable }
        return userPIN
    }

    /// The unblocking code on a card of this model.
    /// - Throws: `.noPIN` for a model without a PIN, `.pinsUnreadable` if the directory is not readable, `.noPUK` if
    ///   it has no unblocking code.
    public func neededPUK(on model: CardModel) throws(CardError) -> PINObject {
        guard model.hasPIN else { throw .noPIN }
        guard let puk else { throw userPIN == nil || !isComplete ? .pinsUnreadable : .noPUK }
        return puk
    }
}

/// The keys and certificates of a card.
public struct CardKeysAndCertificates: CardContents, Sendable {
    /// The private keys, in the order of their directory.
    public var privateKeys: [KeyObject] = []
    /// The public keys of their directory; nil if it was not read.
    public var publicKeys: [KeyObject]?
    /// The certificates without their values, in the order of their directory.
    public var certificates: [CertificateObject] = []
    /// Whether the directories were readable and well-formed.
    public var isComplete = true
}

/// The data objects of a card. On a CPS3 they include those of the CPS2ter volet.
public struct CardDataObjects: CardContents, Sendable {
    /// The data objects without their values, in the order of their directory. Those of the CPS2ter volet are last.
    public var objects: [DataObject] = []
    /// Whether the directory was readable and well-formed.
    public var isComplete = true
}
