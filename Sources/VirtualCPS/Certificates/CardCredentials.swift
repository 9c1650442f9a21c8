// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HostCryptography
import Messages

/// A card's private keys and certificates.
public struct CardCredentials: Sendable {
    /// The private key for each of `CardKey.keys(of:)`.
    public var keys: [CardKey: RSAPrivateKey]
    /// X.509 in DER.
    public var certificates: [CardKey: [UInt8]]

    /// `VirtualCard` checks that each key has its certificate.
    public init(keys: [CardKey: RSAPrivateKey], certificates: [CardKey: [UInt8]]) {
        self.keys = keys
        self.certificates = certificates
    }

    /// The credentials that scripts/make-test-hierarchy made for a card, in the
    /// folder `cards/<serial>`, `<key>.key.pem` and `<key>.cert.der`.
    /// - Throws: `VirtualCardError` if a file is missing, or not an RSA key.
    public init(hierarchy: String, profile: CardProfile) throws(VirtualCardError) {
        self.init(keys: [:], certificates: [:])
        let folder = "\(hierarchy)/cards/\(profile.serial)"
        for key in CardKey.keys(of: profile.generation) {
            let pem = try CardCredentials.read("\(folder)/\(key.rawValue).key.pem")
            do {
                keys[key] = try RSAPrivateKey(pem: String(decoding: pem, as: UTF8.self))
            } catch {
                throw VirtualCardError(
                    Message(
                        "\(folder)/\(key.rawValue).key.pem is not an RSA key",
                        fr: "\(folder)/\(key.rawValue).key.pem n'est pas une clé RSA"))
            }
            certificates[key] = try CardCredentials.read("\(folder)/\(key.rawValue).cert.der")
        }
    }

    private static func read(_ path: String) throws(VirtualCardError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw VirtualCardError(
                Message(
                    "\(path) cannot be read: has scripts/make-test-hierarchy been run for this profile?",
                    fr: "\(path) est illisible : scripts/make-test-hierarchy a-t-il été lancé pour ce profil ?"))
        }
        return Array(data)
    }
}
