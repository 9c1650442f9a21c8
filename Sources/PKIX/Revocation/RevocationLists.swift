// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The local revocation lists.
public struct RevocationLists: Sendable {
    /// In no particular order.
    public let lists: [RevocationList]

    /// Signatures are verified later, when a list is used.
    public init(_ lists: [RevocationList] = []) { self.lists = lists }

    /// The longest file in bytes; more than any authority's list.
    private static let longestFile = 64 << 20

    /// The lists of a file (DER, or PEM with any number), or of the files in a folder.
    /// - Throws: `CertificateError` if it cannot be read or has no list.
    public init(path: String) throws(CertificateError) {
        var lists = (try? RevocationLists.read(path)) ?? []
        if lists.isEmpty {
            for name in (try? CertificateFiles.names(in: path)) ?? [] {
                lists += (try? RevocationLists.read("\(path)/\(name)")) ?? []
            }
        }
        if lists.isEmpty {
            // Throws the reason if it cannot be read.
            _ = try CertificateFiles.content(of: path, trust: .anyone)
            throw .noCertificate(path: path)
        }
        self.init(lists)
    }

    private static func read(_ path: String) throws(CertificateError) -> [RevocationList] {
        let bytes = try CertificateFiles.content(of: path, trust: .anyone, longest: longestFile)
        if let list = RevocationList(bytes) { return [list] }
        return PEM.decode(bytes).filter { $0.label == "X509 CRL" }.compactMap { RevocationList($0.bytes) }
    }

    /// The state of a chain by the lists, without its last certificate, whose issuer is not in
    /// the chain.
    /// - Parameter chain: each certificate issued by the next.
    public func revocation(of chain: [Certificate], at now: UniversalTime = .now) -> Revocation {
        let known = zip(chain, chain.dropFirst()).map { revocation(of: $0, issuedBy: $1, at: now) }
        guard let first = known.first else { return .notChecked }
        return known.dropFirst().reduce(first) { $0.joined(with: $1) }
    }

    /// The lists that are signed by the authorities of a chain and about its certificates.
    public func lists(about chain: [Certificate], at now: UniversalTime = .now) -> [RevocationList] {
        lists.filter { list in
            zip(chain, chain.dropFirst()).contains { certificate, issuer in
                RevocationLists([list]).revocation(of: certificate, issuedBy: issuer, at: now) != .notChecked
            }
        }
    }

    func revocation(of certificate: Certificate, issuedBy issuer: Certificate, at now: UniversalTime) -> Revocation {
        lists.filter { $0.issuer == certificate.issuer && $0.thisUpdate <= now.plusTolerance }
            .map { $0.revocation(of: certificate, issuedBy: issuer, at: now) }
            .reduce(.notChecked) { $0.or($1) }
    }
}

extension UniversalTime {
    /// Five minutes later, a tolerance for clocks.
    var plusTolerance: UniversalTime { UniversalTime(secondsSince1970: secondsSince1970 + 300) }
}

extension RevocationList {
    /// The state of a certificate by this list alone, if the issuer signed it and it covers the
    /// certificate.
    fileprivate func revocation(
        of certificate: Certificate, issuedBy issuer: Certificate, at now: UniversalTime
    ) -> Revocation {
        switch verification(of: certificate, issuedBy: issuer) {
        case X509_V_OK:
            // Lists omit expired certificates.
            if isOutdated(at: now) || certificate.notAfter < thisUpdate { return .outdated(thisUpdate) }
            return .good(asOf: thisUpdate)
        case X509_V_ERR_CERT_REVOKED:
            return dateOfRevocation(of: certificate).map { .revoked(certificate, at: $0) } ?? .notChecked
        default:
            return .notChecked
        }
    }

    /// OpenSSL's verification result for the certificate with its issuer and this list, ignoring
    /// dates.
    private func verification(of certificate: Certificate, issuedBy issuer: Certificate) -> Int32 {
        defer { ERR_clear_error() }
        guard let list = object, hasStrongHash(list), let subject = certificate.object, let authority = issuer.object,
            let store = unsafe OpenSSLObject(X509_STORE_new(), free: { unsafe X509_STORE_free($0) }),
            unsafe X509_STORE_add_cert(store.pointer, authority.pointer) == 1,
            unsafe X509_STORE_add_crl(store.pointer, list.pointer) == 1,
            let context = unsafe OpenSSLObject(X509_STORE_CTX_new(), free: { unsafe X509_STORE_CTX_free($0) }),
            unsafe X509_STORE_CTX_init(context.pointer, store.pointer, subject.pointer, nil) == 1
        else { return X509_V_ERR_UNSPECIFIED }
        unsafe X509_STORE_CTX_set_flags(
            context.pointer, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME))
        if unsafe X509_verify_cert(context.pointer) == 1 { return X509_V_OK }
        return unsafe X509_STORE_CTX_get_error(context.pointer)
    }

    private func hasStrongHash(_ list: borrowing OpenSSLObject) -> Bool {
        var hash: Int32 = 0
        let isKnown = unsafe OBJ_find_sigid_algs(X509_CRL_get_signature_nid(list.pointer), &hash, nil) == 1
        return isKnown && SignerInformation.strongHashes.contains(hash)
    }

    private func dateOfRevocation(of certificate: Certificate) -> UniversalTime? {
        guard let list = object, let subject = certificate.object else { return nil }
        var entry: OpaquePointer?
        guard unsafe X509_CRL_get0_by_cert(list.pointer, &entry, subject.pointer) == 1 else { return nil }
        return unsafe UniversalTime(X509_REVOKED_get0_revocationDate(entry))
    }
}
