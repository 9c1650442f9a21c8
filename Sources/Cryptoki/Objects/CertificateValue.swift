import CPSCard
import Synchronization

/// A certificate of the card, read when it is first asked for.
final class CertificateValue: Sendable {
    let object: CertificateObject

    private struct State {
        var certificate: X509Certificate?
        var failures = 0
        var failure: CardError?
    }

    private let state = Mutex(State())

    init(_ object: CertificateObject) { self.object = object }

    /// Whether this is the certificate of the key with this CKA_ID.
    func belongs(to identifier: [UInt8]) -> Bool { object.identifier == identifier && !object.isAuthority }

    /// After this many readings a damaged certificate is believed to be one.
    private static let attempts = 2

    /// The certificate.
    /// - Throws: why the card does not have it, or does not give it.
    func load(from token: Token) throws(CardError) -> X509Certificate {
        let known = state.withLock { ($0.certificate, $0.failures >= CertificateValue.attempts ? $0.failure : nil) }
        if let certificate = known.0 { return certificate }
        if let failure = known.1 { throw failure }
        do throws(CardError) {
            let bytes = try token.withCard { (card) throws(CardError) in try card.readCertificate(object) }
            let certificate = try CertificateValue.parse(bytes)
            state.withLock { $0.certificate = certificate }
            return certificate
        } catch {
            if case .channel = error { throw error }
            state.withLock { state in
                state.failures += 1
                state.failure = error
            }
            throw error
        }
    }

    /// Has the certificate read anew: what was read is in doubt.
    func forget() { state.withLock { $0 = State() } }

    private static func parse(_ bytes: [UInt8]) throws(CardError) -> X509Certificate {
        do {
            return try X509Certificate(parsing: bytes)
        } catch {
            throw .malformed(error)
        }
    }
}
