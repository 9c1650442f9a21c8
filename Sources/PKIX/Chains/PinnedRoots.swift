// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import SmartCardBytes

/// The roots of IGC-Santé, by which files with its authorities are recognised: a root is
/// one of them if the SHA-256 of the whole certificate is in this table, and no other.
public struct PinnedRoots: Sendable {
    /// Which cards a hierarchy is for. The two have nothing in common.
    public enum Branch: String, Sendable {
        /// Cards of real persons.
        case production
        /// Cards for tests, which stand for nobody.
        case test
    }

    /// Hexadecimal SHA-256 of each root, with what it is for.
    private let fingerprints: [String: Branch]

    /// Hexadecimal in capital letters.
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

    /// nil for a certificate that is none of these roots.
    public func branch(of certificate: Certificate) -> Branch? {
        fingerprints[Hexadecimal.encode(certificate.fingerprint())]
    }
}

extension Certificate {
    /// The branch of IGC-Santé that the certificate says it belongs to, by the names of its
    /// issuer: a hint for people, which proves nothing. nil for other issuers.
    public var claimedBranch: PinnedRoots.Branch? {
        let units = issuer.attributes.filter { $0.name == "OU" }.map(\.text)
        if units.contains("IGC-SANTE TEST") { return .test }
        return units.contains("IGC-SANTE") ? .production : nil
    }
}
