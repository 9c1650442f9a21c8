// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A parsed revocation list (CRL, RFC 5280 §5). Not verified here: `RevocationLists` does
/// that.
public struct RevocationList: Sendable, Hashable {
    /// The whole list, DER.
    public let encoding: [UInt8]
    /// The issuer's name in the list.
    public let issuer: DistinguishedName
    /// The time of issue.
    public let thisUpdate: UniversalTime
    /// The latest time of the next list; nil if not stated.
    public let nextUpdate: UniversalTime?

    /// - Parameter encoding: DER.
    /// - Returns: nil if it is not a list.
    public init?(_ encoding: [UInt8]) {
        defer { ERR_clear_error() }
        guard let list = RevocationList.object(encoding),
            let thisUpdate = unsafe UniversalTime(X509_CRL_get0_lastUpdate(list.pointer))
        else { return nil }
        self.encoding = encoding
        self.thisUpdate = thisUpdate
        nextUpdate = unsafe UniversalTime(X509_CRL_get0_nextUpdate(list.pointer))
        issuer = unsafe DistinguishedName(X509_CRL_get_issuer(list.pointer))
    }

    /// Whether a newer list should exist by now.
    public func isOutdated(at time: UniversalTime = .now) -> Bool { nextUpdate.map { $0 < time } ?? true }

    /// The list as an OpenSSL object.
    var object: OpenSSLObject? { RevocationList.object(encoding) }

    private static func object(_ encoding: [UInt8]) -> OpenSSLObject? {
        unsafe decoded(encoding, free: { unsafe X509_CRL_free($0) }) { unsafe d2i_X509_CRL(nil, $0, $1) }
    }
}
