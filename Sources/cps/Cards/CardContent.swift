// SPDX-License-Identifier: Apache-2.0

import CPSCard
import CPSData
import PKIX

/// The public content of a card: identity, retry counters, certificates. No PIN is
/// presented for it.
struct CardContent {
    let model: CardModel
    let identity: CardIdentity
    let pins: CountedPINs
    let certificates: [CardCertificate]

    /// - Throws: `CardError`. A certificate that cannot be read is listed without its
    ///   content.
    init(readingFrom card: CPSCard) throws(CardError) {
        model = card.model
        identity = try card.readIdentity()
        pins = try CountedPINs.read(from: card, identity)
        let objects = try card.readKeysAndCertificates(of: identity).certificates
        var certificates: [CardCertificate] = []
        for object in objects where !object.isAuthority {
            certificates.append(
                CardCertificate(object: object, certificate: try card.certificate(object), model: card.model))
        }
        self.certificates = certificates
    }

    var pin: CountedPIN? { pins.pin }
    var puk: CountedPIN? { pins.puk }

    /// The holder's data in the first certificate that names a person; else in the first one.
    var holderCertificate: HolderCertificate? {
        let all = certificates.compactMap { $0.certificate.map(HolderCertificate.init) }
        return all.first { $0.identifier != nil } ?? all.first
    }
}

/// A certificate of the card.
struct CardCertificate {
    let object: CertificateObject
    /// nil if it cannot be read or parsed.
    let certificate: Certificate?
    let use: Use

    enum Use: String, Encodable {
        case authentication, signature, technical
    }

    init(object: CertificateObject, certificate: Certificate?, model: CardModel) {
        self.object = object
        self.certificate = certificate
        let isForSignature = certificate?.keyUsage?.contains(.nonRepudiation) ?? object.label.contains("Signature")
        use = model == .cps3Contactless ? .technical : isForSignature ? .signature : .authentication
    }
}

extension CPSCard {
    /// - Returns: nil if the certificate cannot be read or parsed.
    fileprivate func certificate(_ object: CertificateObject) throws(CardError) -> Certificate? {
        do throws(CardError) {
            let bytes = try readCertificate(object)
            return try? Certificate(encoding: bytes)
        } catch {
            if case .channel = error { throw error }
            return nil
        }
    }
}

extension HolderCertificate {
    init(_ certificate: Certificate) {
        self.init(
            subject: certificate.subject.attributes.map { (name: $0.name, text: $0.text) },
            issuer: certificate.issuer["CN"], encoding: certificate.encoding)
    }
}

extension CardModel {
    /// The name in reports and pages.
    var name: String {
        switch self {
        case .cps3: "CPS3"
        case .cps3Contactless: "CPS3 contactless"
        case .cps4: "CPS4"
        }
    }
}
