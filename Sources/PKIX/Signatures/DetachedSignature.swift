// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import SmartCardBytes

/// A CMS signature in the making (RFC 5652), beside the document, with the attributes
/// of CAdES-BES (ETSI EN 319 122-1 §5): the document's SHA-256, the time, and which
/// certificate signs.
///
/// The card signs `signedAttributes` with PKCS #1 v1.5 and SHA-256. It has to get these
/// bytes and not their hash, because some keys finish the hash themselves (cards.md
/// §4.4 a). OpenSSL would ask a private key for the signature of a hash: so the last
/// attributes and the signature are put in here, in place of CMS_final.
public struct DetachedSignature: ~Copyable {
    private let message: OpenSSLObject
    private let digest: [UInt8]

    /// What the card has to sign: the attributes as a DER SET OF (RFC 5652 §5.4).
    public let signedAttributes: [UInt8]

    /// - Parameters:
    ///   - digest: the document's SHA-256, 32 bytes.
    ///   - signer: whose key signs.
    ///   - authorities: certificates that are put beside the signer's, so that others
    ///     find the way to an authority that they know.
    ///   - time: when the signer says that this was.
    /// - Throws: `SignatureError.notPossible` when OpenSSL refuses the certificate.
    public init(
        ofDigest digest: [UInt8], by signer: Certificate, with authorities: [Certificate] = [],
        at time: UniversalTime = .now
    ) throws(SignatureError) {
        defer { ERR_clear_error() }
        let flags = UInt32(CMS_DETACHED | CMS_BINARY | CMS_PARTIAL)
        guard let certificate = signer.object,
            let message = unsafe OpenSSLObject(
                CMS_sign(nil, nil, nil, nil, flags), free: { unsafe CMS_ContentInfo_free($0) }),
            // The public key stands for the private one, which is on the card.
            let information = unsafe CMS_add1_signer(
                message.pointer, certificate.pointer, X509_get0_pubkey(certificate.pointer), EVP_sha256(),
                flags | UInt32(CMS_CADES | CMS_NOSMIMECAP)),
            unsafe DetachedSignature.add(
                NID_pkcs9_contentType, V_ASN1_OBJECT, UnsafeRawPointer(CMS_get0_eContentType(message.pointer)), -1,
                to: information),
            unsafe DetachedSignature.add(
                NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, digest, Int32(clamping: digest.count), to: information),
            unsafe time.withASN1Time({ time in
                unsafe DetachedSignature.add(NID_pkcs9_signingTime, time.pointee.type, time, -1, to: information)
            }) == true
        else { throw .notPossible }
        for authority in authorities where authority != signer {
            // One that is there already is no harm.
            if let object = authority.object { _ = unsafe CMS_add1_cert(message.pointer, object.pointer) }
        }
        signedAttributes = unsafe DetachedSignature.attributes(of: information)
        self.message = message
        self.digest = digest
    }

    /// Puts the card's signature of `signedAttributes` in.
    /// - Returns: the whole CMS signature, DER. It has been read again and verified.
    /// - Throws: `SignatureError.notConfirmed` when the signature is not right.
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

    private static func attributes(of information: OpaquePointer) -> [UInt8] {
        let count = unsafe CMS_signed_get_attr_count(information)
        let parts = (0..<max(0, count)).compactMap { index in
            unsafe encoded { unsafe i2d_X509_ATTRIBUTE(CMS_signed_get_attr(information, index), $0) }
        }
        return BERTLV.encode(tag: 0x31, parts: parts.sorted { $0.lexicographicallyPrecedes($1) })
    }
}
