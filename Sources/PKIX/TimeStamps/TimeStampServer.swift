// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import HostCryptography
import SmartCardBytes

/// A time stamp server over HTTP (RFC 3161 §3.4).
public enum TimeStampServer {
    /// Adds a time stamp to a signature, which makes it CAdES-T (ETSI EN 319 122-1 §5.3).
    /// - Parameter signature: a CMS signature by one signer, DER.
    /// - Returns: the signature with the time stamp, and its content. The server's certificate is
    ///   not checked against trusted authorities.
    /// - Throws: `SignatureError.noTimeStamp` if the server returns no time stamp of this
    ///   signature.
    public static func stamp(
        _ signature: [UInt8], at address: String
    ) throws(SignatureError) -> (signature: [UInt8], timeStamp: TimeStamp) {
        defer { ERR_clear_error() }
        guard
            let message = unsafe decoded(
                signature, free: { unsafe CMS_ContentInfo_free($0) }, { unsafe d2i_CMS_ContentInfo(nil, $0, $1) }),
            let signer = unsafe cps_signers_at(CMS_get0_SignerInfos(message.pointer), 0)
        else { throw .malformed }
        let value = unsafe content(of: CMS_SignerInfo_get0_signature(signer))
        guard let nonce = SystemRandom.bytes(count: 8), let token = ask(value, nonce, address) else {
            throw .noTimeStamp
        }
        let timeStamp = token.verified(by: Authorities([]))
        guard timeStamp.standing != .wrong, token.nonce == nonce.reduce(0, { $0 << 8 | UInt64($1) }) else {
            throw .noTimeStamp
        }
        let isAdded =
            unsafe CMS_unsigned_add1_attr_by_NID(
                signer, NID_id_smime_aa_timeStampToken, V_ASN1_SEQUENCE, token.encoding,
                Int32(clamping: token.encoding.count)) == 1
        guard isAdded, let stamped = unsafe encoded({ unsafe i2d_CMS_ContentInfo(message.pointer, $0) }) else {
            throw .noTimeStamp
        }
        return (stamped, timeStamp)
    }

    private static func ask(_ value: [UInt8], _ nonce: [UInt8], _ address: String) -> TimeStampToken? {
        guard
            let bytes = HTTP.post(
                question(about: value, nonce), "application/timestamp-query", to: address,
                answer: "application/timestamp-reply"),
            let answer = unsafe decoded(
                bytes, free: { unsafe TS_RESP_free($0) }, { unsafe d2i_TS_RESP(nil, $0, $1) }),
            let token = unsafe TS_RESP_get_token(answer.pointer),
            let encoding = unsafe encoded({ unsafe i2d_PKCS7(token, $0) })
        else { return nil }
        return TimeStampToken(encoding: encoding, stamped: value)
    }

    /// A TimeStampReq (RFC 3161 §2.4.1) with SHA-256 that also requests the certificate.
    private static func question(about value: [UInt8], _ nonce: [UInt8]) -> [UInt8] {
        let name: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
        let sha256 = BERTLV.encode(
            tag: DER.sequence, parts: [BERTLV.encode(tag: DER.objectIdentifier, name), [0x05, 0x00]])
        let digest = BERTLV.encode(tag: 0x04, HashContext.digest(of: value, with: .sha256))
        // DER: an INTEGER has a leading zero only if it is needed to stay positive.
        let digits = Array(nonce.drop { $0 == 0 })
        let number = digits.first.map { $0 >= 0x80 } ?? true ? [0] + digits : digits
        return BERTLV.encode(
            tag: DER.sequence,
            parts: [
                BERTLV.encode(tag: DER.integer, [1]),
                BERTLV.encode(tag: DER.sequence, parts: [sha256, digest]),
                BERTLV.encode(tag: DER.integer, number),
                BERTLV.encode(tag: 0x01, [0xFF]),
            ])
    }
}
