// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import SmartCardBytes

/// Counter-signatures (RFC 5652 §11.4): signatures of a signature, among its attributes that are not
/// signed. OpenSSL knows no such thing. So each one becomes a detached signature of its own, of
/// which the signature above is the document.
extension SignerInformation {
    /// Deeper ones are not read: nobody signs the signature of a signature of a signature.
    private static let deepest = 2

    /// Those of this signature.
    /// - Parameter certificates: those that come with it, among which are the counter-signers'.
    /// - Returns: those that could be read, and how many could not.
    func counterSignatures(with certificates: [Certificate]) -> (signers: [Signer], unread: Int) {
        let signature = unsafe content(of: CMS_SignerInfo_get0_signature(pointer))
        var (signers, unread): ([Signer], Int) = ([], 0)
        for encoding in counterSignatureEncodings {
            if signers.count < SignedData.mostSigners, depth < SignerInformation.deepest,
                let message = SignerInformation.message(of: encoding, with: certificates),
                let data = try? SignedData(encoding: message, depth: depth + 1)
            {
                data.update(signature.span)
                signers += data.signers()
            } else {
                unread += 1
            }
        }
        return (signers, unread)
    }

    /// The values of all attributes of this kind; empty for a value that is no SEQUENCE.
    private var counterSignatureEncodings: [[UInt8]] {
        var encodings: [[UInt8]] = []
        for index in 0..<max(0, unsafe CMS_unsigned_get_attr_count(pointer)) {
            guard let attribute = unsafe CMS_unsigned_get_attr(pointer, index),
                unsafe OBJ_obj2nid(X509_ATTRIBUTE_get0_object(attribute)) == NID_pkcs9_countersignature
            else { continue }
            for place in 0..<max(0, unsafe X509_ATTRIBUTE_count(attribute)) {
                let value = unsafe X509_ATTRIBUTE_get0_data(attribute, place, V_ASN1_SEQUENCE, nil)
                encodings.append(unsafe content(of: value?.assumingMemoryBound(to: ASN1_STRING.self)))
            }
        }
        return encodings
    }

    /// A CMS signature (RFC 5652 §5.1) that consists of one SignerInfo; nil for what is none.
    private static func message(of signerInformation: [UInt8], with certificates: [Certificate]) -> [UInt8]? {
        var outer = BERTLVReader(signerInformation)
        // Its version, its signer, its hash.
        guard var fields = (try? outer.next(tag: DER.sequence))?.children, outer.isAtEnd,
            (try? fields.next(tag: DER.integer)) != nil, (try? fields.next()) != nil,
            let hash = try? fields.next(tag: DER.sequence)
        else { return nil }
        let (signedData, data): ([UInt8], [UInt8]) = (
            [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02],
            [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
        )
        let content = BERTLV.encode(
            tag: DER.sequence,
            parts: [
                BERTLV.encode(tag: DER.integer, [3]),
                BERTLV.encode(tag: 0x31, hash.encoding),
                BERTLV.encode(tag: DER.sequence, BERTLV.encode(tag: DER.objectIdentifier, data)),
                BERTLV.encode(tag: 0xA0, parts: certificates.map(\.encoding)),
                BERTLV.encode(tag: 0x31, signerInformation),
            ])
        return BERTLV.encode(
            tag: DER.sequence,
            parts: [BERTLV.encode(tag: DER.objectIdentifier, signedData), BERTLV.encode(tag: 0xA0, content)])
    }

    /// Whether the certificate's key has signed the attributes, which must name no type of content.
    /// OpenSSL's CMS_SignerInfo_verify refuses attributes without one.
    var isCounterSignatureOfItsAttributes: Bool {
        var key: OpaquePointer?
        var digestAlgorithm: UnsafeMutablePointer<X509_ALGOR>?
        unsafe CMS_SignerInfo_get0_algs(pointer, &key, nil, &digestAlgorithm, nil)
        guard !has(NID_pkcs9_contentType), let digestAlgorithm = unsafe digestAlgorithm else { return false }
        var object: OpaquePointer?
        unsafe X509_ALGOR_get0(&object, nil, nil, digestAlgorithm)
        let signature = unsafe content(of: CMS_SignerInfo_get0_signature(pointer))
        let attributes = signedAttributes
        guard let hash = unsafe EVP_get_digestbyname(OBJ_nid2sn(OBJ_obj2nid(object))),
            let context = unsafe OpenSSLObject(EVP_MD_CTX_new(), free: { unsafe EVP_MD_CTX_free($0) }),
            unsafe EVP_DigestVerifyInit(context.pointer, nil, hash, nil, key) == 1
        else { return false }
        return unsafe EVP_DigestVerify(
            context.pointer, signature, signature.count, attributes, attributes.count) == 1
    }

    /// The signed attributes as a SET OF, in the order in which they came.
    private var signedAttributes: [UInt8] {
        let parts = (0..<max(0, unsafe CMS_signed_get_attr_count(pointer))).compactMap { index in
            unsafe encoded { unsafe i2d_X509_ATTRIBUTE(CMS_signed_get_attr(pointer, index), $0) }
        }
        return BERTLV.encode(tag: 0x31, parts: parts)
    }
}
