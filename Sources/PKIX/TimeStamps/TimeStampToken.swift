// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A verified time stamp (RFC 3161): the signature existed at that time.
public struct TimeStamp: Sendable, Equatable {
    /// The result of verifying a time stamp.
    public enum Standing: String, Sendable {
        /// Right, and issued by a server that a known authority certified.
        case trusted
        /// Right, but the server's authority is not known.
        case unknownAuthority
        /// For another signature, changed, or made with a certificate that is not for time stamps.
        case wrong
    }

    /// Whether the time can be trusted.
    public let standing: Standing
    /// The time; nil for a wrong time stamp.
    public let time: UniversalTime?
    /// The server's certificate; nil for a wrong time stamp.
    public let certificate: Certificate?

    static let wrong = TimeStamp(standing: .wrong, time: nil, certificate: nil)
}

/// An unverified time stamp in a signature.
public struct TimeStampToken: Sendable, Equatable {
    /// A CMS signature of a TSTInfo, DER.
    let encoding: [UInt8]
    /// The signature value that was stamped.
    let stamped: [UInt8]

    /// Verifies the time stamp.
    /// - Parameter authorities: the trusted authorities for time stamps.
    public func verified(by authorities: Authorities, at now: UniversalTime = .now) -> TimeStamp {
        defer { ERR_clear_error() }
        do throws(SignatureError) {
            let data = try SignedData(encoding: encoding)
            guard data.isTimeStamp, let content = data.content, let information = information(in: content),
                isAboutTheSignature(information),
                let time = unsafe UniversalTime(TS_TST_INFO_get_time(information.pointer))
            else { return .wrong }
            data.update(content.span)
            let signers = data.signers()
            // RFC 3161 §2.4.2: one signer, whose certificate the signature names.
            guard signers.count == 1, let signer = signers.first, signer.integrity == .intact,
                signer.namesCertificate, let certificate = signer.certificate, certificate.isForTimeStamps
            else { return .wrong }
            let verdict = authorities.chain(of: certificate, at: now, with: data.certificates).verdict
            return TimeStamp(
                standing: verdict == .trusted ? .trusted : .unknownAuthority, time: time, certificate: certificate)
        } catch {
            return .wrong
        }
    }

    /// The nonce of the request, if the token has one.
    var nonce: UInt64? {
        guard let data = try? SignedData(encoding: encoding).content, let information = information(in: data)
        else { return nil }
        var number: UInt64 = 0
        let isThere = unsafe ASN1_INTEGER_get_uint64(&number, TS_TST_INFO_get_nonce(information.pointer)) == 1
        return isThere ? number : nil
    }

    private func information(in content: [UInt8]) -> OpenSSLObject? {
        unsafe decoded(content, free: { unsafe TS_TST_INFO_free($0) }) { unsafe d2i_TS_TST_INFO(nil, $0, $1) }
    }

    private func isAboutTheSignature(_ information: borrowing OpenSSLObject) -> Bool {
        let imprint = unsafe TS_TST_INFO_get_msg_imprint(information.pointer)
        var algorithm: OpaquePointer?
        unsafe X509_ALGOR_get0(&algorithm, nil, nil, TS_MSG_IMPRINT_get_algo(imprint))
        let number = unsafe OBJ_obj2nid(algorithm)
        guard SignerInformation.strongHashes.contains(number),
            let hash = unsafe EVP_get_digestbyname(OBJ_nid2sn(number))
        else { return false }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard unsafe EVP_Digest(stamped, stamped.count, &digest, &count, hash, nil) == 1 else { return false }
        return unsafe content(of: TS_MSG_IMPRINT_get_msg(imprint)) == Array(digest.prefix(Int(count)))
    }
}

extension Certificate {
    /// Whether its key is for time stamps, and for nothing else (RFC 3161 §2.3).
    fileprivate var isForTimeStamps: Bool {
        guard let certificate = object else { return false }
        return unsafe X509_check_purpose(certificate.pointer, X509_PURPOSE_TIMESTAMP_SIGN, 0) == 1
    }
}
