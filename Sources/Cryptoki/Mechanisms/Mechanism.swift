// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography

/// A caller's CK_MECHANISM: the type, and the parameter's bytes.
public struct Mechanism: Sendable, Equatable {
    /// CKM_*.
    public var type: CK_MECHANISM_TYPE
    /// The bytes of the mechanism's parameter structure, empty for most; for PSS those of CK_RSA_PKCS_PSS_PARAMS.
    public var parameter: [UInt8]

    /// Makes a mechanism; its parameter is looked at when an operation begins.
    public init(type: CK_MECHANISM_TYPE, parameter: [UInt8] = []) {
        self.type = type
        self.parameter = parameter
    }

    /// What the mechanism means for a signature or its verification.
    /// - Throws: `.mechanismInvalid` for one that signs nothing,
    ///   `.mechanismParameterInvalid` for PSS parameters that are missing, do not
    ///   fit together, or ask for what no card does.
    func signatureMechanism() throws(CryptokiError) -> SignatureMechanism {
        if type == CKM_RSA_PKCS { return .pkcs1 }
        if let hash = HashAlgorithm.allCases.first(where: { $0.pkcs1Mechanism == type }) { return .pkcs1Hash(hash) }
        if type == CKM_RSA_PKCS_PSS { return .pss(try pssHash()) }
        if let hash = HashAlgorithm.allCases.first(where: { $0.pssMechanism == type }) {
            guard try pssHash() == hash else { throw .mechanismParameterInvalid }
            return .pss(hash)
        }
        throw .mechanismInvalid
    }

    /// Whether the caller's data is hashed here (or is a hash already).
    var hashesMessage: Bool { type != CKM_RSA_PKCS && type != CKM_RSA_PKCS_PSS }

    /// The hash of CK_RSA_PKCS_PSS_PARAMS. The cards make a salt as long as the
    /// hash, and use the same hash for the mask: other wishes are refused, where
    /// the official library ignores them (cards.md §4.5 e, §11 defect 8).
    private func pssHash() throws(CryptokiError) -> HashAlgorithm {
        let width = MemoryLayout<CK_ULONG>.size
        guard parameter.count == 3 * width else { throw .mechanismParameterInvalid }
        let fields = stride(from: 0, to: parameter.count, by: width).map { start in
            // checked: three whole numbers, see above
            parameter[start..<start + width].reversed().reduce(CK_ULONG(0)) { $0 << 8 | CK_ULONG($1) }
        }
        // checked: three, see above
        guard let hash = HashAlgorithm(digestMechanism: fields[0]), fields[1] == hash.maskGenerationFunction,
            fields[2] == CK_ULONG(hash.digestLength)  // checked: three, see above
        else { throw .mechanismParameterInvalid }
        return hash
    }
}
