// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography

/// The result of C_GetMechanismInfo (PKCS#11 3.1 §3.5).
public struct MechanismInfo: Sendable, Equatable {
    /// The shortest modulus in bits; 0 for a hash.
    public var minimumKeySize: CK_ULONG
    /// The longest modulus in bits; 0 for a hash.
    public var maximumKeySize: CK_ULONG
    /// CKF_HW if the card takes part, and the functions that support the mechanism: CKF_SIGN, CKF_DIGEST and so on.
    public var flags: CK_FLAGS
}

/// The mechanisms of a token: only what the inserted card can do, because NSS, GnuTLS and Java choose by this list
/// (cards.md §7.4). CKM_RSA_X_509 is omitted: the official library lists it but does not implement it.
enum MechanismList {
    /// All mechanisms of a token, in the official library's order.
    static func mechanisms(of model: CardModel) -> [CK_MECHANISM_TYPE] {
        HashAlgorithm.allCases.map(\.digestMechanism) + [CKM_RSA_PKCS] + hashes(of: model).map(\.pkcs1Mechanism)
            + (hasPSS(model) ? [CKM_RSA_PKCS_PSS] + pssHashes.map(\.pssMechanism) : [])
    }

    /// - Throws: `.mechanismInvalid` if the token does not have it.
    static func info(of type: CK_MECHANISM_TYPE, on model: CardModel) throws(CryptokiError) -> MechanismInfo {
        guard mechanisms(of: model).contains(type) else { throw .mechanismInvalid }
        if HashAlgorithm(digestMechanism: type) != nil {
            return MechanismInfo(minimumKeySize: 0, maximumKeySize: 0, flags: CKF_DIGEST)
        }
        var flags = CKF_HW | CKF_SIGN | CKF_VERIFY
        // The technical key of a contactless card does not decrypt.
        if type == CKM_RSA_PKCS, model.hasPIN { flags |= CKF_ENCRYPT | CKF_DECRYPT }
        return MechanismInfo(minimumKeySize: model == .cps4 ? 2048 : 512, maximumKeySize: 2048, flags: flags)
    }

    /// The mechanisms of a private key.
    static func signatureMechanisms(of key: KeyObject, on model: CardModel) -> [SignatureMechanism] {
        CPSCard.signatureMechanisms(of: key, on: model)
    }

    /// CKA_ALLOWED_MECHANISMS of a private key.
    static func allowedMechanisms(of key: KeyObject, on model: CardModel) -> [CK_MECHANISM_TYPE] {
        let mechanisms = signatureMechanisms(of: key, on: model)
        let pss = mechanisms.contains { if case .pss = $0 { true } else { false } }
        return mechanisms.map(\.type) + (pss ? [CKM_RSA_PKCS_PSS] : [])
    }

    static func hasPSS(_ model: CardModel) -> Bool { model == .cps4 }

    /// The hashes that the cards support for PSS.
    static let pssHashes: [HashAlgorithm] = [.sha1, .sha256]

    /// The hashes of messages. None on a contactless card, as with the official library.
    private static func hashes(of model: CardModel) -> [HashAlgorithm] {
        model == .cps3Contactless ? [] : HashAlgorithm.allCases
    }
}

extension SignatureMechanism {
    /// The mechanism type.
    var type: CK_MECHANISM_TYPE {
        switch self {
        case .pkcs1: CKM_RSA_PKCS
        case .pkcs1Hash(let hash): hash.pkcs1Mechanism
        case .pss(let hash): hash.pssMechanism
        }
    }
}

extension HashAlgorithm {
    var digestMechanism: CK_MECHANISM_TYPE {
        switch self {
        case .sha1: CKM_SHA_1
        case .sha224: CKM_SHA224
        case .sha256: CKM_SHA256
        case .sha384: CKM_SHA384
        case .sha512: CKM_SHA512
        }
    }

    var pkcs1Mechanism: CK_MECHANISM_TYPE {
        switch self {
        case .sha1: CKM_SHA1_RSA_PKCS
        case .sha224: CKM_SHA224_RSA_PKCS
        case .sha256: CKM_SHA256_RSA_PKCS
        case .sha384: CKM_SHA384_RSA_PKCS
        case .sha512: CKM_SHA512_RSA_PKCS
        }
    }

    var pssMechanism: CK_MECHANISM_TYPE {
        switch self {
        case .sha1: CKM_SHA1_RSA_PKCS_PSS
        case .sha224: CKM_SHA224_RSA_PKCS_PSS
        case .sha256: CKM_SHA256_RSA_PKCS_PSS
        case .sha384: CKM_SHA384_RSA_PKCS_PSS
        case .sha512: CKM_SHA512_RSA_PKCS_PSS
        }
    }

    /// The mask generation function CKG_MGF1_* over this hash.
    var maskGenerationFunction: CK_ULONG {
        switch self {
        case .sha1: 1
        case .sha224: 5
        case .sha256: 2
        case .sha384: 3
        case .sha512: 4
        }
    }

    init?(digestMechanism type: CK_MECHANISM_TYPE) {
        guard let hash = HashAlgorithm.allCases.first(where: { $0.digestMechanism == type }) else { return nil }
        self = hash
    }
}
