// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import SmartCardBytes

/// The pinned roots of IGC-Santé. A certificate is one of them only if the SHA-256 of the
/// whole certificate is in this table.
public struct PinnedRoots: Sendable {
    /// The cards that a hierarchy is for. The two hierarchies are separate.
    public enum Branch: String, Sendable {
        /// Cards of real persons.
        case production
        /// Test cards, which represent nobody.
        case test
    }

    /// The SHA-256 of each root in hexadecimal, with its branch.
    private let fingerprints: [String: Branch]

    /// Fingerprints in upper-case hexadecimal.
    init(_ fingerprints: [String: Branch]) { self.fingerprints = fingerprints }

    /// The roots that end in 2033, from the official 5.2.2 package; the same in the chain
    /// that igc-sante.esante.gouv.fr publishes. The roots of the test branch are not here:
    /// anybody can get a test card.
    public static let igcSante = PinnedRoots([
        // AC RACINE IGC-SANTE ELEMENTAIRE
        "2D9E22CA19F777C6B745257C723ECB8DF3C35FA6F1F6EC36B83600C97346967F": .production,
        // AC RACINE IGC-SANTE FORT
        "53D30A19570826BDE0C0762501F1F1C7A659F976C6C023123DF5239DF34A4EEA": .production,
        // AC RACINE IGC-SANTE STANDARD
        "5891815E864506C662AFB32F8DE5B8DE38BFFA1AF721780B69E19A0C050386C3": .production,
    ])

    /// The branch of a pinned root; nil for any other certificate.
    public func branch(of certificate: Certificate) -> Branch? {
        fingerprints[Hexadecimal.encode(certificate.fingerprint())]
    }
}

extension Certificate {
    /// The branch of IGC-Santé that the certificate claims, by its issuer's name: a hint for
    /// people, not a proof. Nil for other issuers.
    public var claimedBranch: PinnedRoots.Branch? {
        let units = issuer.attributes.filter { $0.name == "OU" }.map(\.text)
        if units.contains("IGC-SANTE TEST") { return .test }
        return units.contains("IGC-SANTE") ? .production : nil
    }
}
