// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import SmartCardBytes

/// Builds a detached CMS signature (RFC 5652) with the attributes of CAdES-BES (ETSI EN 319
/// 122-1 §5): the document's SHA-256, the time, and the signing certificate. Without the time it is
/// what PAdES puts into a PDF (EN 319 142-1 §6.3).
///
/// The card signs `signedAttributes` with PKCS #1 v1.5 and SHA-256. It needs these bytes, not
/// their hash, because some keys finish the hash themselves (cards.md §4.4 a). CMS_final of
/// OpenSSL would sign a hash with a private key; this type adds the last attributes and the
/// signature instead.
public struct DetachedSignature: ~Copyable {
    private let message: OpenSSLObject
    private let digest: [UInt8]

    /// The bytes that the card must sign: the attributes as a DER SET OF (RFC 5652 §5.4).
    public let signedAttributes: [UInt8]

    /// - Parameters:
    ///   - digest: the document's SHA-256, 32 bytes.
    ///   - signer: the certificate of the signing key.
    ///   - authorities: certificates to add, so that others can build the chain to an
    ///     authority that they know.
    ///   - time: the claimed time of signing; nil leaves it out, since a PDF has its own place for it.
    /// - Throws: `SignatureError.notPossible` if OpenSSL refuses the certificate.
    public init(
        ofDigest digest: [UInt8], by signer: Certificate, with authorities: [Certificate] = [],
        at time: UniversalTime? = .now
    ) throws(SignatureError) {
        defer { ERR_clear_error() }
        let flags = UInt32(CMS_DETACHED | CMS_BINARY | CMS_PARTIAL)
        guard let certificate = signer.object,
            let message = unsafe OpenSSLObject(
                CMS_sign(nil, nil, nil, nil, flags), free: { unsafe CMS_ContentInfo_free($0) }),
            // OpenSSL gets the public key: the private key is on the card.
            let information = unsafe CMS_add1_signer(
                message.pointer, certificate.pointer, X509_get0_pubkey(certificate.pointer), EVP_sha256(),
                flags | UInt32(CMS_CADES | CMS_NOSMIMECAP)),
            unsafe DetachedSignature.add(
                NID_pkcs9_contentType, V_ASN1_OBJECT, UnsafeRawPointer(CMS_get0_eContentType(message.pointer)), -1,
                to: information),
            unsafe DetachedSignature.add(
                NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, digest, Int32(clamping: digest.count), to: information),
            unsafe DetachedSignature.add(time, to: information)
        else { throw .notPossible }
        for authority in authorities where authority != signer {
            // Adding a duplicate fails, which is harmless.
            if let object = authority.object { _ = unsafe CMS_add1_cert(message.pointer, object.pointer) }
        }
        signedAttributes = unsafe DetachedSignature.attributes(of: information)
        self.message = message
        self.digest = digest
    }

    /// Adds the card's signature of `signedAttributes`.
    /// - Returns: the CMS signature, DER, parsed again and verified.
    /// - Throws: `SignatureError.notConfirmed` if the signature is wrong.
    public consuming func complete(with signature: [UInt8]) throws(SignatureError) -> [UInt8] {
        defer { ERR_clear_error() }
        guard let information = unsafe cps_signers_at(CMS_get0_SignerInfos(message.pointer), 0),
            let place = unsafe CMS_SignerInfo_get0_signature(information),
            unsafe ASN1_STRING_set(place, signature, Int32(clamping: signature.count)) == 1,
            let bytes = unsafe encoded({ unsafe i2d_CMS_ContentInfo(message.pointer, $0) })
        else { throw .notPossible }
        guard try SignedData(encoding: bytes).isSigned(digest: digest) else { throw .notConfirmed }
        return bytes
    }

    private static func add(
        _ number: Int32, _ type: Int32, _ value: UnsafeRawPointer?, _ length: Int32, to information: OpaquePointer
    ) -> Bool {
        unsafe CMS_signed_add1_attr_by_NID(information, number, type, value, length) == 1
    }

    private static func add(_ time: UniversalTime?, to information: OpaquePointer) -> Bool {
        guard let time else { return true }
        return unsafe time.withASN1Time { time in
            unsafe add(NID_pkcs9_signingTime, time.pointee.type, time, -1, to: information)
        } == true
    }

    private static func attributes(of information: OpaquePointer) -> [UInt8] {
        let count = unsafe CMS_signed_get_attr_count(information)
        let parts = (0..<max(0, count)).compactMap { index in
            unsafe encoded { unsafe i2d_X509_ATTRIBUTE(CMS_signed_get_attr(information, index), $0) }
        }
        return BERTLV.encode(tag: 0x31, parts: parts.sorted { $0.lexicographicallyPrecedes($1) })
    }
}
