// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The trusted authorities: a chain may end at any of them.
public struct Authorities: Sendable {
    /// The folders of the administrator and of the official software.
    public static let folders = ["/etc/cps-pkcs11/authorities", "/etc/opt/santesocial/CPS/Coffre"]

    /// The administrator's folder of authorities for time stamps.
    public static let timeStampFolder = "/etc/cps-pkcs11/timestamp-authorities"

    /// This machine's authorities for time stamps.
    public static var ofTimeStamps: Authorities {
        Authorities((try? CertificateFiles.read(timeStampFolder, trust: .rootOnly)) ?? [])
    }

    /// The trusted certificates, roots and others, in no particular order.
    public let certificates: [Certificate]

    /// Trusts these certificates, whatever their content.
    public init(_ certificates: [Certificate]) { self.certificates = certificates }

    /// The authorities of a file (PEM, DER or PKCS #7), or of the files in a folder.
    /// - Throws: `CertificateError` if it cannot be read or has no certificate.
    public init(path: String) throws(CertificateError) {
        let certificates = try CertificateFiles.read(path, trust: .anyone)
        if certificates.isEmpty { throw .noCertificate(path: path) }
        self.init(certificates)
    }

    /// The authorities of this machine's folders, and those that this user imported. Files in the
    /// folders that others than root can write are ignored, as are missing folders.
    public static var ofThisMachine: Authorities { Authorities(sourcesOfThisMachine.map(\.certificate)) }

    /// The same without duplicates, each with its file or folder.
    public static var sourcesOfThisMachine: [(certificate: Certificate, path: String)] {
        var sources: [(certificate: Certificate, path: String)] = []
        for folder in folders {
            let found = (try? CertificateFiles.read(folder, trust: .rootOnly)) ?? []
            sources += found.map { ($0, folder) }
        }
        if let store = AuthorityStore.ofThisUser { sources += store.read().map { ($0, store.path) } }
        var seen: Set<Certificate> = []
        return sources.filter { seen.insert($0.certificate).inserted }
    }

    /// Follows a certificate's issuers to a known authority. Does not check revocation.
    /// - Parameters:
    ///   - time: the time at which the certificates must be valid.
    ///   - others: untrusted certificates that may be part of the chain.
    public func chain(
        of certificate: Certificate, at time: UniversalTime = .now, with others: [Certificate] = []
    ) -> CertificateChain {
        let chain = chain(of: certificate, at: time, with: others, flags: 0)
        guard chain.verdict == .unknownAuthority else { return chain }
        // A known authority is trusted even if its own issuer is not known.
        let partial = self.chain(of: certificate, at: time, with: others, flags: UInt(X509_V_FLAG_PARTIAL_CHAIN))
        return partial.verdict == .unknownAuthority ? chain : partial
    }

    private func chain(
        of certificate: Certificate, at time: UniversalTime, with others: [Certificate], flags: UInt
    ) -> CertificateChain {
        let nothing = CertificateChain(
            verdict: .refused(.other(Int(X509_V_ERR_OUT_OF_MEM))), certificates: [certificate])
        guard let subject = certificate.object,
            let store = unsafe OpenSSLObject(X509_STORE_new(), free: { unsafe X509_STORE_free($0) }),
            let untrusted = CertificateList(others),
            let context = unsafe OpenSSLObject(X509_STORE_CTX_new(), free: { unsafe X509_STORE_CTX_free($0) })
        else { return nothing }
        for authority in certificates {
            // Adding a duplicate fails, which is harmless.
            if let object = authority.object { _ = unsafe X509_STORE_add_cert(store.pointer, object.pointer) }
        }
        defer { ERR_clear_error() }
        guard
            unsafe X509_STORE_CTX_init(
                context.pointer, store.pointer, subject.pointer, untrusted.list.pointer) == 1
        else { return nothing }
        unsafe X509_STORE_CTX_set_flags(context.pointer, flags)
        // 112 bits: RSA of 2048 bits, no SHA-1.
        unsafe X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context.pointer), 2)
        unsafe X509_STORE_CTX_set_time(context.pointer, 0, time.secondsSince1970)
        let isTrusted = unsafe X509_verify_cert(context.pointer) == 1
        let found = unsafe CertificateList.certificates(in: X509_STORE_CTX_get0_chain(context.pointer))
        return CertificateChain(
            verdict: isTrusted ? .trusted : verdict(context, certificate),
            certificates: found.isEmpty ? [certificate] : found)
    }

    private func verdict(_ context: borrowing OpenSSLObject, _ certificate: Certificate) -> CertificateChain.Verdict {
        let error = unsafe X509_STORE_CTX_get_error(context.pointer)
        switch error {
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED:
            return .unknownAuthority
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return .expired(culprit(context) ?? certificate)
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return .notYetValid(culprit(context) ?? certificate)
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK:
            return .refused(.weakAlgorithm)
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return .refused(.wrongSignature)
        case X509_V_ERR_INVALID_CA, X509_V_ERR_PATH_LENGTH_EXCEEDED, X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
            return .refused(.issuerIsNoAuthority)
        default:
            return .refused(.other(Int(error)))
        }
    }

    private func culprit(_ context: borrowing OpenSSLObject) -> Certificate? {
        guard let current = unsafe X509_STORE_CTX_get_current_cert(context.pointer) else { return nil }
        return unsafe Certificate(current)
    }
}
