// SPDX-License-Identifier: Apache-2.0

import CPSCard
import HostSystem

/// A certificate of the card, read at its first use: the first half with the fields that attributes need, and the
/// whole only if it is requested.
final class CertificateValue: Sendable {
    let object: CertificateObject

    private struct State {
        /// The first bytes of the file, as far as they are read.
        var start: [UInt8] = []
        var fields: X509Certificate?
        var whole: [UInt8]?
        /// Why it cannot be read. The card is not asked again.
        var failure: CardError?
    }

    private let state = Lock(State())

    init(_ object: CertificateObject) { self.object = object }

    /// Whether this is the certificate of the key with this CKA_ID.
    func belongs(to identifier: [UInt8]) -> Bool { object.identifier == identifier && !object.isAuthority }

    /// The certificate's fields.
    /// - Throws: why the certificate cannot be read.
    func fields(from token: Token) throws(CardError) -> X509Certificate {
        if let known = state.withLock({ $0.fields }) { return known }
        return try rememberingFailure { () throws(CardError) in
            let start = try token.withCard { (state) throws(CardError) in try state.card.readCertificateFields(object) }
            let fields = try CertificateValue.parse(start)
            state.withLock { state in
                state.start = start
                state.fields = fields
            }
            return fields
        }
    }

    /// The whole certificate, DER.
    /// - Throws: as `fields`.
    func encoding(from token: Token) throws(CardError) -> [UInt8] {
        if let known = state.withLock({ $0.whole }) { return known }
        return try rememberingFailure { () throws(CardError) in
            let start = state.withLock { $0.start }
            let whole = try token.withCard { (state) throws(CardError) in
                try state.card.readCertificate(object, after: start)
            }
            let fields = try CertificateValue.parse(whole)
            state.withLock { state in
                state.whole = whole
                state.fields = fields
            }
            return whole
        }
    }

    private func rememberingFailure<Value>(_ read: () throws(CardError) -> Value) throws(CardError) -> Value {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        do throws(CardError) {
            return try read()
        } catch {
            if case .channel = error { throw error }
            state.withLock { $0.failure = error }
            throw error
        }
    }

    /// Forgets what was read, which may be wrong. It is read again at the next use.
    func forget() { state.withLock { $0 = State() } }

    private static func parse(_ bytes: [UInt8]) throws(CardError) -> X509Certificate {
        do {
            return try X509Certificate(parsing: bytes)
        } catch {
            throw .malformed(error)
        }
    }
}
