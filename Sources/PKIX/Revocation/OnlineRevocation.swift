// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Checks revocation online, at the addresses in the certificates of a chain.
public enum OnlineRevocation {
    /// Checks each certificate of a chain whose state the local lists do not settle: first by
    /// OCSP, then by downloading the list.
    /// - Parameters:
    ///   - chain: each certificate issued by the next; it must lead to a known authority,
    ///     otherwise anybody could make this computer contact any address.
    ///   - known: the local lists.
    /// - Returns: the result, and the downloaded lists.
    public static func revocation(
        of chain: [Certificate], with known: RevocationLists, at now: UniversalTime = .now
    ) -> (revocation: Revocation, fetched: [RevocationList]) {
        var fetched: [RevocationList] = []
        var result: Revocation?
        for (certificate, issuer) in zip(chain, chain.dropFirst()) {
            var found = RevocationLists(known.lists + fetched)
                .revocation(of: certificate, issuedBy: issuer, at: now)
            for address in certificate.responders where !found.isCertain {
                found = found.or(OCSP.revocation(of: certificate, issuedBy: issuer, at: address))
            }
            for address in certificate.listAddresses where !found.isCertain {
                guard let list = HTTP.get(address).flatMap({ RevocationList($0) }) else { continue }
                let word = RevocationLists([list]).revocation(of: certificate, issuedBy: issuer, at: now)
                if word != .notChecked { fetched.append(list) }
                found = found.or(word)
            }
            result = result?.joined(with: found) ?? found
        }
        return (result ?? .notChecked, fetched)
    }
}

extension Revocation {
    /// Whether no further check is needed.
    fileprivate var isCertain: Bool {
        switch self {
        case .good, .revoked: true
        case .notChecked, .outdated: false
        }
    }
}

extension Certificate {
    /// The addresses of its OCSP responders (RFC 5280 §4.2.2.1).
    fileprivate var responders: [String] { unsafe addresses { unsafe X509_get1_ocsp($0) } }

    /// The addresses of its revocation list (RFC 5280 §4.2.1.13).
    fileprivate var listAddresses: [String] { unsafe addresses { unsafe cps_list_addresses($0) } }

    private func addresses(_ read: (OpaquePointer) -> OpaquePointer?) -> [String] {
        guard let certificate = object,
            let list = unsafe OpenSSLObject(read(certificate.pointer), free: { unsafe X509_email_free($0) })
        else { return [] }
        // A limit against long waits.
        return (0..<min(4, max(0, unsafe cps_addresses_count(list.pointer)))).compactMap { index in
            unsafe cps_addresses_at(list.pointer, index).map { unsafe String(cString: $0) }
        }
    }
}
