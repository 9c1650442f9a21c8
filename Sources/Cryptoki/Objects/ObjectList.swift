// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard

/// The objects of a token that were read so far. A directory is read only when a search needs it.
struct ObjectList: Sendable {
    /// The objects from the directories of keys and certificates.
    struct Keys: Sendable {
        var contents: CardKeysAndCertificates
        var certificates: [CertificateValue]
        /// Each private key with its public key and certificate.
        var pairs: [TokenObject]
        /// Public keys and certificates without a private key.
        var unpaired: [TokenObject]
        var profiles: [TokenObject]

        /// Whether the public keys are included.
        var hasPublicKeys: Bool { contents.publicKeys != nil }
    }

    private(set) var keys: Keys?
    private(set) var data: [TokenObject]?

    /// All objects that were read, in the official library's order: keys with their certificates, private data, other
    /// public objects, public data (cards.md §7.6, §11); then the profiles.
    private(set) var all: [TokenObject] = []
    private var byHandle: [CK_OBJECT_HANDLE: TokenObject] = [:]

    mutating func add(_ keys: Keys) {
        self.keys = keys
        arrange()
    }

    mutating func add(_ data: [TokenObject]) {
        self.data = data
        arrange()
    }

    private mutating func arrange() {
        let data = data ?? []
        all = (keys?.pairs ?? []) + data.filter(\.isPrivate) + (keys?.unpaired ?? [])
        all += data.filter { !$0.isPrivate } + (keys?.profiles ?? [])
        byHandle = Dictionary(all.map { ($0.handle, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(handle: CK_OBJECT_HANDLE) -> TokenObject? { byHandle[handle] }  // checked: a dictionary

    /// Forgets what was read with the user's PIN.
    func forgetPrivateValues() {
        for object in data ?? [] {
            if case .data(_, let value) = object.kind, object.isPrivate { value.forget() }
        }
    }
}

/// The parts of the card's directories that a search needs.
struct ObjectGroups: OptionSet, Sendable {
    var rawValue: Int

    /// Private keys and certificates.
    static let keys = ObjectGroups(rawValue: 1)
    /// Public keys, with their private keys and certificates.
    static let publicKeys = ObjectGroups(rawValue: 5)
    static let data = ObjectGroups(rawValue: 2)

    init(rawValue: Int) { self.rawValue = rawValue }

    /// The groups with objects that can match a template. For classes that no card has, nothing is read: NSS searches
    /// for several of them.
    init(matching template: [Attribute]) {
        self = [.publicKeys, .data]
        for attribute in template {
            switch attribute.type {
            case CKA_CLASS where attribute.value == AttributeValue.number(CKO_DATA): formIntersection(.data)
            case CKA_CLASS where attribute.value == AttributeValue.number(CKO_PUBLIC_KEY):
                formIntersection(.publicKeys)
            case CKA_CLASS where ObjectGroups.keyClasses.contains(attribute.value): formIntersection(.keys)
            case CKA_CLASS: self = []
            case CKA_ID, CKA_KEY_TYPE, CKA_CERTIFICATE_TYPE, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_SIGN,
                CKA_DECRYPT, CKA_VERIFY, CKA_ENCRYPT, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_TRUSTED,
                CKA_CERTIFICATE_CATEGORY:
                formIntersection(.publicKeys)
            case CKA_APPLICATION, CKA_OBJECT_ID: formIntersection(.data)
            default: continue
            }
        }
    }

    private static let keyClasses = [CKO_PRIVATE_KEY, CKO_CERTIFICATE, CKO_PROFILE]
        .map(AttributeValue.number)
}
