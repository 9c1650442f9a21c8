// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// One SignerInfo of a CMS signature (RFC 5652 §5.3); valid as long as the signature.
@safe
struct SignerInformation {
    let pointer: OpaquePointer
    /// How many signatures lie above: 0 for a signature of a document, 1 for a counter-signature of
    /// that.
    let depth: Int

    /// Reads and verifies the signer.
    /// - Parameters:
    ///   - hashes: the hashes of the document.
    ///   - contentType: the content type in the signature.
    ///   - others: the certificates in the signature.
    func signer(of hashes: OpaquePointer, _ contentType: OpaquePointer?, _ others: [Certificate]) -> Signer {
        var found: OpaquePointer?
        var digestAlgorithm: UnsafeMutablePointer<X509_ALGOR>?
        unsafe CMS_SignerInfo_get0_algs(pointer, nil, &found, &digestAlgorithm, nil)
        var hash: OpaquePointer?
        if let digestAlgorithm = unsafe digestAlgorithm { unsafe X509_ALGOR_get0(&hash, nil, nil, digestAlgorithm) }
        let certificate = unsafe found.flatMap { unsafe Certificate($0) }
        let naming = certificate.map { self.naming(of: $0, others) } ?? .absent
        let integrity = unsafe integrity(of: hashes, contentType, certificate, naming, OBJ_obj2nid(hash))
        let counter = counterSignatures(with: others)
        return unsafe Signer(
            integrity: integrity, certificate: certificate, time: time, namesCertificate: naming == .right,
            hash: name(of: hash), timeStamp: timeStamp, counterSignatures: counter.signers,
            unreadCounterSignatures: counter.unread)
    }

    /// The time stamp in the unsigned attributes.
    private var timeStamp: TimeStampToken? {
        let value = unsafe CMS_unsigned_get0_data_by_OBJ(
            pointer, OBJ_nid2obj(NID_id_smime_aa_timeStampToken), -1, V_ASN1_SEQUENCE)
        guard let value = unsafe value else { return nil }
        return unsafe TimeStampToken(
            encoding: content(of: value.assumingMemoryBound(to: ASN1_STRING.self)),
            stamped: content(of: CMS_SignerInfo_get0_signature(pointer)))
    }

    private func integrity(
        of hashes: OpaquePointer, _ contentType: OpaquePointer?, _ certificate: Certificate?, _ naming: Naming,
        _ hash: Int32
    ) -> Signer.Integrity {
        // Without attributes, the document itself is signed.
        let hasAttributes = unsafe CMS_signed_get_attr_count(pointer) >= 0
        guard let certificate, hasKnownAlgorithm(hasAttributes: hasAttributes) else {
            // The hash in the attributes needs no key to be compared.
            let isOther = unsafe hasAttributes && CMS_SignerInfo_verify_content(pointer, hashes) != 1
            return isOther ? .otherDocument : certificate == nil ? .certificateMissing : .unknownAlgorithm
        }
        if hasAttributes, unsafe !hasRightAttributes(contentType) { return .wrongSignature }
        guard unsafe CMS_SignerInfo_verify_content(pointer, hashes) == 1 else {
            return hasAttributes ? .otherDocument : .wrongSignature
        }
        guard SignerInformation.strongHashes.contains(hash) else { return .weakHash }
        guard naming != .wrong else { return .otherCertificate }
        if let usage = certificate.keyUsage, !usage.contains(.digitalSignature), !usage.contains(.nonRepudiation) {
            return .wrongKeyUsage
        }
        return .intact
    }

    /// Whether such a signature can be verified: of an algorithm that it does not have, OpenSSL says
    /// the same as of a wrong signature.
    private func hasKnownAlgorithm(hasAttributes: Bool) -> Bool {
        var key: OpaquePointer?
        var algorithm: UnsafeMutablePointer<X509_ALGOR>?
        unsafe CMS_SignerInfo_get0_algs(pointer, &key, nil, nil, &algorithm)
        guard unsafe key != nil, let algorithm = unsafe algorithm else { return false }
        var object: OpaquePointer?
        unsafe X509_ALGOR_get0(&object, nil, nil, algorithm)
        let number = unsafe OBJ_obj2nid(object)
        // RSA for SHA256 with RSA; what names no hash stands for itself.
        var kind: Int32 = 0
        if unsafe OBJ_find_sigid_algs(number, nil, &kind) != 1 { kind = number }
        switch kind {
        case NID_rsaEncryption, NID_rsa, NID_X9_62_id_ecPublicKey, NID_dsa: return true
        case NID_rsassaPss: return depth == 0 || !hasAttributes
        default: return false
        }
    }

    static let strongHashes: Set<Int32> = [
        NID_sha256, NID_sha384, NID_sha512, NID_sha512_256, NID_sha3_256, NID_sha3_384, NID_sha3_512,
    ]

    /// Whether the certificate's key has signed the attributes, and they are about content
    /// of this type (RFC 5652 §11.1).
    func hasRightAttributes(_ contentType: OpaquePointer?) -> Bool {
        if depth > 0 { return isCounterSignatureOfItsAttributes }
        guard unsafe CMS_SignerInfo_verify(pointer) == 1,
            let named = unsafe attribute(NID_pkcs9_contentType, V_ASN1_OBJECT)
        else { return false }
        return unsafe OBJ_cmp(OpaquePointer(named), contentType) == 0
    }

    /// The document's hash in the attributes.
    var messageDigest: [UInt8]? {
        guard let value = unsafe attribute(NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING) else { return nil }
        return unsafe content(of: value.assumingMemoryBound(to: ASN1_STRING.self))
    }

    private var time: UniversalTime? {
        for type in [V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME] {
            if let time = unsafe attribute(NID_pkcs9_signingTime, type) {
                return unsafe UniversalTime(time.assumingMemoryBound(to: ASN1_TIME.self))
            }
        }
        return nil
    }

    /// The value of an attribute that must occur once, with one value.
    private func attribute(_ number: Int32, _ type: Int32) -> UnsafeMutableRawPointer? {
        unsafe CMS_signed_get0_data_by_OBJ(pointer, OBJ_nid2obj(number), -3, type)
    }

    // MARK: The signing certificate

    private enum Naming {
        case absent, right, wrong
    }

    /// Whether the attributes name this certificate (RFC 5035).
    private func naming(of certificate: Certificate, _ others: [Certificate]) -> Naming {
        let (first, second) = (NID_id_smime_aa_signingCertificate, NID_id_smime_aa_signingCertificateV2)
        guard has(first) || has(second) else { return .absent }
        let oldForm = unsafe decoded(value(first), free: { unsafe ESS_SIGNING_CERT_free($0) }) {
            unsafe d2i_ESS_SIGNING_CERT(nil, $0, $1)
        }
        let newForm = unsafe decoded(value(second), free: { unsafe ESS_SIGNING_CERT_V2_free($0) }) {
            unsafe d2i_ESS_SIGNING_CERT_V2(nil, $0, $1)
        }
        guard unsafe has(first) == (oldForm.pointer != nil), unsafe has(second) == (newForm.pointer != nil),
            let chain = CertificateList([certificate] + others)
        else { return .wrong }
        let isRight = unsafe OSSL_ESS_check_signing_certs(oldForm.pointer, newForm.pointer, chain.list.pointer, 1)
        return isRight == 1 ? .right : .wrong
    }

    func has(_ number: Int32) -> Bool { unsafe CMS_signed_get_attr_by_NID(pointer, number, -1) >= 0 }

    private func value(_ number: Int32) -> [UInt8] {
        unsafe content(of: attribute(number, V_ASN1_SEQUENCE)?.assumingMemoryBound(to: ASN1_STRING.self))
    }
}
