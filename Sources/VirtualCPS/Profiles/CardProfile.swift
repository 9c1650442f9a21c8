// SPDX-License-Identifier: Apache-2.0

/// The description of one virtual card: its holder, kind and state.

/// The kinds of cards (cards.md §0.2).
public enum CardGeneration: String, Sendable, CaseIterable {
    case cps3 = "CPS3"
    case cps3Contactless = "CPS3-contactless"
    case cps4 = "CPS4"

    /// The interface of a card of this kind.
    public var interface: CardInterface { self == .cps3Contactless ? .contactless : .contact }
}

/// The families of cards (cards.md §0.3).
public enum ProfileFamily: String, Sendable, CaseIterable {
    case cps = "CPS"
    case cpf = "CPF"
    case cpe = "CPE"
    case cpa = "CPA"
    case cde = "CDE"
    case cda = "CDA"

    /// The card type of table G02 (cards.md §5.6).
    public var typeCode: String {
        switch self {
        case .cps: "00"
        case .cpf: "01"
        case .cpe, .cde: "02"
        case .cpa, .cda: "03"
        }
    }

    /// Whether the holder is a health professional, not an establishment's staff: the issuing
    /// authority is then FORT, else STANDARD (cards.md §5.7).
    public var isProfessional: Bool { self == .cps || self == .cpf }
}

/// The state of a certificate on the day it was made.
public enum CertificateState: String, Sendable, CaseIterable {
    case valid
    case expired
    /// Ends in 20 days.
    case expiring
    case notYetValid
    /// On the revocation list of its authority.
    case revoked
    /// Not on the card, although its private key is.
    case missing
}

/// The content of EF_ACTUA (cards.md §6.1).
public enum UpdateLogState: String, Sendable, CaseIterable {
    case none
    case present
    case empty
    case malformed
}

/// The form in which the user PIN is presented (cards.md §2.9, §3.2).
public enum PINBlock: String, Sendable, CaseIterable {
    /// Exactly four digits, padded to eight bytes with FF, as on a real CPS3.
    case padded
    /// Four to eight digits without padding.
    case unpadded

    /// Padded on a CPS3, as on real cards. Not known for CPS4: unpadded is our choice.
    static func usual(on generation: CardGeneration) -> PINBlock { generation == .cps4 ? .unpadded : .padded }

    /// The number of digits of a PIN.
    var lengths: ClosedRange<Int> { self == .padded ? 4...4 : 4...8 }
    var paddedLength: Int? { self == .padded ? 8 : nil }
}

/// A card's keys and certificates (cards.md §4.1).
public enum CardKey: String, Sendable, CaseIterable {
    case signature
    case authentication
    case technical

    /// The keys of a card of this generation.
    public static func keys(of generation: CardGeneration) -> [CardKey] {
        generation == .cps3Contactless ? [.technical] : [.signature, .authentication]
    }
}

/// One card, as a profile file describes it.
public struct CardProfile: Sendable, Equatable {
    /// The kind of card.
    public var generation: CardGeneration
    /// The family of the card; it determines the certificates' subjects.
    public var family: ProfileFamily
    /// The ten digits printed on the card.
    public var cardNumber: String
    /// The eight digits of the chip's serial number.
    public var serial: String
    /// The first day in CPS_ID_CARD.
    public var validFrom: CardDate
    /// The last day in CPS_ID_CARD.
    public var validUntil: CardDate
    /// The holder.
    public var holder: Holder
    /// The establishment; nil for a professional's card.
    public var organisation: Organisation?
    /// The situations in which the holder works, at most 16.
    public var activities: [Activity]
    /// The initial user PIN.
    public var pin: PINProfile
    /// The initial PUK.
    public var puk: PUKProfile
    /// The state of the certificate of each key of the generation.
    public var certificates: [CardKey: CertificateState]
    /// The size of each certificate in bytes; nil for no fixed size.
    public var certificateSize: Int?
    /// The content of EF_ACTUA; CPS3 only.
    public var updateLog: UpdateLogState
    /// The size of CPS_DATA in bytes.
    public var cpsDataSize: Int

    /// The holder of the card.
    public struct Holder: Sendable, Equatable {
        /// As in CPS_NAME_PS and the certificates.
        public var familyName: String
        /// As in CPS_NAME_PS and the certificates.
        public var givenName: String
        /// Mme, Mlle or M.
        public var civility: Civility
        /// The type of the identifier, table G08.
        public var identifierType: String
        /// The number after the type, unique within it.
        public var identifier: String
        /// Replaces the name in the certificates (employees only).
        public var pseudonym: String?
        /// ISO 639 codes of two letters.
        public var languages: [String]
        /// The profession, table G15.
        public var profession: String?
        /// A student's future profession, table G16.
        public var futureProfession: String?
        /// The speciality, table R01.
        public var speciality: String?

        /// PS_IdNat: the type followed by the identifier (cards.md §5.5).
        public var nationalIdentifier: String { identifierType + identifier }
    }

    /// Table G03.
    public enum Civility: String, Sendable, CaseIterable {
        case madame = "Mme"
        case mademoiselle = "Mlle"
        case monsieur = "M"

        /// The code on the card.
        public var code: String {
            switch self {
            case .madame: "22"
            case .mademoiselle: "23"
            case .monsieur: "31"
            }
        }
    }

    /// The establishment of an employee's card.
    public struct Organisation: Sendable, Equatable {
        /// For the certificate's subject (O).
        public var name: String
        /// Table G07.
        public var identifierType: String
        /// The number after the type, for example FINESS or SIRET.
        public var identifier: String
        /// The department, for the certificate's subject.
        public var department: String

        /// Struct_IdNat (cards.md §5.5).
        public var nationalIdentifier: String { identifierType + identifier }
    }

    /// A "situation d'exercice": where and how the holder works.
    public struct Activity: Sendable, Equatable {
        /// 1 to 16; numbers may have gaps.
        public var number: Int
        /// Table G17.
        public var exerciseMode: String
        /// The name of the place of work.
        public var structureName: String
        /// Table G07.
        public var structureIdentifierType: String
        /// The number after the type.
        public var structureIdentifier: String
        /// Table R02.
        public var sector: String
    }

    /// The user PIN and its counter.
    public struct PINProfile: Sendable, Equatable {
        /// Four to eight digits.
        public var value: String
        /// Presentations left before the PIN is blocked, at most `maximumPINTries`.
        public var triesLeft: Int
        /// nil for the default of the card's generation.
        public var block: PINBlock?
    }

    /// The PUK and its counters.
    public struct PUKProfile: Sendable, Equatable {
        /// Eight digits.
        public var value: String
        /// Presentations left before the PUK is blocked, at most `maximumPUKTries`.
        public var triesLeft: Int
        /// The remaining uses (CPS3 only).
        public var usesLeft: Int
    }
}

extension CardProfile {
    /// The form of the PIN: the profile's, or the default of the generation.
    public var pinBlock: PINBlock { pin.block ?? PINBlock.usual(on: generation) }

    /// The maximum of the user PIN's retry counter (cards.md §3.1).
    public static let maximumPINTries = 3
    /// The uses of a new PUK (cards.md §3.1).
    public static let maximumPUKUses = 100

    /// The maximum of the PUK's retry counter: 10 on a real CPS3. Not known for CPS4: 3 is our choice.
    public static func maximumPUKTries(_ generation: CardGeneration) -> Int { generation == .cps4 ? 3 : 10 }

    /// The same card of another generation; counters are lowered to the maximum of that
    /// generation.
    public func of(_ generation: CardGeneration) -> CardProfile {
        var other = self
        other.generation = generation
        other.puk.triesLeft = min(puk.triesLeft, CardProfile.maximumPUKTries(generation))
        for key in CardKey.keys(of: generation) where other.certificates[key] == nil {
            other.certificates[key] = .valid
        }
        return other
    }
}
