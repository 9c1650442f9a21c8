// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography

/// A caller's CK_MECHANISM: the type and the parameter's bytes.
public struct Mechanism: Sendable, Equatable {
    /// CKM_*.
    public var type: CK_MECHANISM_TYPE
    /// The bytes of the mechanism's parameter structure, CK_RSA_PKCS_PSS_PARAMS for PSS; empty for most mechanisms.
    public var parameter: [UInt8]

    /// Makes a mechanism. The parameter is checked when an operation starts.
    public init(type: CK_MECHANISM_TYPE, parameter: [UInt8] = []) {
        self.type = type
        self.parameter = parameter
    }

    /// The mechanism for a signature by the card. Cards use a salt as long as the hash and the same hash for the
    /// mask. Other parameters are refused; the official library ignores them (cards.md §4.5 e, §11 defect 8).
    /// - Throws: `.mechanismInvalid` if it is not for signatures, `.mechanismParameterInvalid` for PSS parameters
    ///   that are missing, inconsistent, or not supported by any card.
    func signatureMechanism() throws(CryptokiError) -> SignatureMechanism {
        let mechanism = try verificationMechanism()
        if let parameters = mechanism.pss {
            let hash = parameters.hash
            guard MechanismList.pssHashes.contains(hash), parameters == PSSParameters(hash) else {
                throw .mechanismParameterInvalid
            }
        }
        return mechanism.signature
    }

    /// The mechanism for a verification on the host. PSS allows any salt length and any hash for the mask.
    /// - Throws: `.mechanismInvalid` if it is not for signatures, `.mechanismParameterInvalid` for missing or unknown
    ///   PSS parameters.
    func verificationMechanism() throws(CryptokiError) -> (signature: SignatureMechanism, pss: PSSParameters?) {
        if type == CKM_RSA_PKCS { return (.pkcs1, nil) }
        if let hash = HashAlgorithm.allCases.first(where: { $0.pkcs1Mechanism == type }) {
            return (.pkcs1Hash(hash), nil)
        }
        let ofType = HashAlgorithm.allCases.first { $0.pssMechanism == type }
        guard type == CKM_RSA_PKCS_PSS || ofType != nil else { throw .mechanismInvalid }
        let parameters = try pssParameters()
        guard ofType == nil || ofType == parameters.hash else { throw .mechanismParameterInvalid }
        return (.pss(parameters.hash), parameters)
    }

    /// Whether the mechanism hashes the caller's data. If not, the data is signed as it is, or is already a hash.
    var hashesMessage: Bool { type != CKM_RSA_PKCS && type != CKM_RSA_PKCS_PSS }

    /// CK_RSA_PKCS_PSS_PARAMS.
    private func pssParameters() throws(CryptokiError) -> PSSParameters {
        let width = MemoryLayout<CK_ULONG>.size
        guard parameter.count == 3 * width else { throw .mechanismParameterInvalid }
        let fields = stride(from: 0, to: parameter.count, by: width).map { start in
            // checked: three whole numbers, see above
            parameter[start..<start + width].reversed().reduce(CK_ULONG(0)) { $0 << 8 | CK_ULONG($1) }
        }
        // checked: three, see above
        let (hashType, maskType, salt) = (fields[0], fields[1], fields[2])
        guard let hash = HashAlgorithm(digestMechanism: hashType),
            let maskHash = HashAlgorithm.allCases.first(where: { $0.maskGenerationFunction == maskType }),
            let saltLength = Int(exactly: salt)
        else { throw .mechanismParameterInvalid }
        return PSSParameters(hash: hash, maskHash: maskHash, saltLength: saltLength)
    }
}

/// The parameters of a PSS signature (CK_RSA_PKCS_PSS_PARAMS).
struct PSSParameters: Sendable, Equatable {
    var hash: HashAlgorithm
    /// The hash in MGF1, which produces the mask.
    var maskHash: HashAlgorithm
    /// The length of the salt in bytes.
    var saltLength: Int
}

extension PSSParameters {
    /// The parameters of the cards' signatures.
    init(_ hash: HashAlgorithm) { self.init(hash: hash, maskHash: hash, saltLength: hash.digestLength) }
}
