// SPDX-License-Identifier: Apache-2.0

import CPSCard
import CPSData

/// `cps-status/1`: readers and cards (docs/json.md).
struct StatusReport: Report {
    static let schema = "cps-status/1"

    /// Whether pcscd answers.
    let service: Service
    let readers: [ReaderReport]

    enum Service: String, Encodable {
        case running, unavailable
        /// Running, but not answering.
        case silent
        /// Refuses this user.
        case refused
    }

    /// The failure to exit with; nil if a card could be read.
    var failure: Failure? {
        switch service {
        case .running: break
        case .unavailable: return Failure(.serviceUnavailable)
        case .silent: return Failure(.serviceSilent)
        case .refused: return Failure(.accessRefused)
        }
        if readers.contains(where: { $0.card != nil }) { return nil }
        return readers.lazy.compactMap(\.failure).first ?? Readers.noCPSCard(in: readers.map(\.reader))
    }
}

/// One reader and its card.
struct ReaderReport: Encodable {
    let reader: Readers.Reader
    let card: CardStatusReport?
    /// Why a CPS card could not be read.
    let failure: Failure?

    enum State: String, Encodable {
        case empty, cpsCard, otherCard, muteCard, unreadableCard
    }

    var state: State {
        switch reader.presence {
        case .noReader, .noCard: .empty
        case .muteCard: .muteCard
        case .card: card != nil ? .cpsCard : failure != nil ? .unreadableCard : .otherCard
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name, state, otherCard, card, error
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reader.name, forKey: .name)
        try container.encode(state, forKey: .state)
        try container.encodeIfPresent(reader.otherCard, forKey: .otherCard)
        try container.encodeIfPresent(card, forKey: .card)
        try container.encodeIfPresent(failure?.message.english, forKey: .error)
    }
}

/// The summary of a card.
struct CardStatusReport: Encodable {
    let model: String
    /// The label in the card's TokenInfo.
    let label: String?
    let serialNumber: String
    let holder: Holder?
    /// Left out if the card has no PIN, or if it cannot be read.
    let pin: RetryCounterReport?
    let unblockingCode: RetryCounterReport?
    let certificates: [CertificateReport]
    /// True if the card's PIN information cannot be read; otherwise left out.
    let areCodesUnreadable: Bool?
    /// An update of the card was started and not finished: the card must not be used.
    let isUpdateInterrupted: Bool

    struct Holder: Encodable {
        let name: String?
        let title: String?
        let identifier: String?
    }

    init(_ content: CardContent) {
        model = content.model.name
        label = content.identity.tokenInfo?.label
        serialNumber = content.identity.serialNumber.digits
        pin = content.pin.map(RetryCounterReport.init)
        unblockingCode = content.puk.map(RetryCounterReport.init)
        areCodesUnreadable = content.pins.problem == .pinsUnreadable ? true : nil
        certificates = content.certificates.map(CertificateReport.init)
        isUpdateInterrupted = content.identity.update == .interrupted
        holder = content.holderCertificate.flatMap { certificate in
            guard certificate.identifier != nil else { return nil }
            let name = [certificate.givenName, certificate.familyName].compactMap { $0 }.joined(separator: " ")
            return Holder(
                name: name.isEmpty ? certificate.pseudonym : name, title: certificate.title,
                identifier: certificate.identifier)
        }
    }
}
