// SPDX-License-Identifier: Apache-2.0

/// What directories of the card hold: entries, without values.
public protocol CardContents {
    /// Whether every directory could be read and every entry understood.
    var isComplete: Bool { get }
}

/// The codes of a card.
public struct CardPINs: CardContents, Sendable, Equatable {
    /// The user's PIN; nil on a contactless card.
    public var userPIN: PINObject?
    /// The unblocking code.
    public var puk: PINObject?
    /// False when the directory of PINs could not be read or understood to its end.
    public var isComplete = true
}

extension CardPINs {
    /// The user's PIN, of a card of this model.
    /// - Throws: `.noPIN` for a model without one, `.pinsUnreadable`.
    public func neededUserPIN(on model: CardModel) throws(CardError) -> PINObject {
        guard model.hasPIN else { throw .noPIN }
        guard let userPIN else { throw .pinsUnreadable }
        return userPIN
    }

    /// The unblocking code, of a card of this model.
    /// - Throws: `.noPIN` for a model without one, `.pinsUnreadable`, `.noPUK`.
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
    /// Those that a directory announces; nil when that was not read.
    public var publicKeys: [KeyObject]?
    /// The certificates, in the order of their directory; an entry holds no value.
    public var certificates: [CertificateObject] = []
    /// False when one of the directories could not be read or understood to its end.
    public var isComplete = true
}

/// The data objects of a card, on a CPS3 those of the CPS2ter volet among them.
public struct CardDataObjects: CardContents, Sendable {
    /// The data objects in the order of their directory, those of the CPS2ter volet last; an entry holds no value.
    public var objects: [DataObject] = []
    /// False when the directory could not be read or understood to its end.
    public var isComplete = true
}
