// SPDX-License-Identifier: Apache-2.0

import HostSystem
import CPKCS11
import CPSCard
import Synchronization

/// Makes the objects of tokens: which ones, in which order, and with which handles. Until C_Finalize, the same object
/// of the same card has the same handle, also after the card was removed and inserted again, since programs store a
/// key's handle. Objects of other cards, and of an updated card, have new handles.
final class ObjectFactory: Sendable {
    private let view: Configuration.View
    private let handles = Lock<[HandleKey: CK_OBJECT_HANDLE]>([:])

    /// What a handle is assigned to.
    private struct HandleKey: Hashable {
        /// Serial number, class, and CKA_ID or label.
        var uniqueIdentifier: String
        /// Where the value is: a card may have two certificates with the same CKA_ID.
        var place: DataObject.Place?
        var lastUpdate: String
    }

    init(view: Configuration.View) { self.view = view }

    /// The objects from the directories of keys and certificates, and the profiles.
    /// - Parameter known: the objects that were made before the public keys were read. They stay the same, with the
    ///   same handles.
    func objects(
        for contents: CardKeysAndCertificates, besides known: ObjectList.Keys? = nil, of identity: CardIdentity,
        model: CardModel
    ) -> ObjectList.Keys {
        let shown = visible(contents)
        let certificates = known?.certificates ?? shown.certificates.map(CertificateValue.init)
        let existing = (known?.pairs ?? []) + (known?.unpaired ?? [])
        let pairs = objects(keyObjects(shown, certificates), of: identity, existing)
        return ObjectList.Keys(
            contents: contents, certificates: certificates, pairs: pairs,
            unpaired: objects(unpairedObjects(shown, certificates), of: identity, existing, besides: pairs),
            profiles: known?.profiles ?? objects(profiles(of: model).map(TokenObject.Kind.profile), of: identity))
    }

    /// The objects from the directory of data objects.
    func objects(for contents: CardDataObjects, of identity: CardIdentity) -> [TokenObject] {
        guard view == .full else { return [] }
        return objects(contents.objects.map { .data($0, DataValue($0)) }, of: identity)
    }

    private func objects(
        _ kinds: [TokenObject.Kind], of identity: CardIdentity, _ existing: [TokenObject] = [],
        besides others: [TokenObject] = []
    ) -> [TokenObject] {
        var made: [TokenObject] = []
        for kind in kinds {
            made.append(
                existing.first { $0.kind.isSame(as: kind) }
                    ?? TokenObject(
                        handle: handle(of: kind, identity), kind: kind, serialNumber: identity.serialNumber,
                        besides: others + made))
        }
        return made
    }

    /// The handle of an object. New handles count up from 1.
    private func handle(of kind: TokenObject.Kind, _ identity: CardIdentity) -> CK_OBJECT_HANDLE {
        let key = HandleKey(
            uniqueIdentifier: kind.uniqueIdentifier(identity.serialNumber), place: kind.place,
            lastUpdate: identity.lastUpdate)
        return handles.withLock { handles in
            if let known = handles[key] { return known }  // checked: a dictionary
            let handle = CK_OBJECT_HANDLE(handles.count + 1)
            handles.updateValue(handle, forKey: key)
            return handle
        }
    }

    /// Whether an object of any card has this handle.
    func hasGiven(_ handle: CK_OBJECT_HANDLE) -> Bool {
        handles.withLock { $0.count >= handle } && handle > 0
    }

    /// The contents that are visible in this view.
    private func visible(_ contents: CardKeysAndCertificates) -> CardKeysAndCertificates {
        guard view == .browser else { return contents }
        var contents = contents
        contents.privateKeys.removeAll { $0.role != .authentication }
        let shown = Set(contents.privateKeys.map(\.identifier))
        contents.publicKeys?.removeAll { !shown.contains($0.identifier) }
        contents.certificates.removeAll { !shown.contains($0.identifier) }
        return contents
    }

    /// Private keys, each with its public key and certificate. A public key that is only in the certificate comes
    /// after the certificate.
    private func keyObjects(_ contents: CardKeysAndCertificates, _ certificates: [CertificateValue]) -> [TokenObject
        .Kind]
    {
        contents.privateKeys.flatMap { key -> [TokenObject.Kind] in
            let certificate = certificates.first { $0.belongs(to: key.identifier) }
            let announced = contents.publicKeys?.first { $0.identifier == key.identifier }
            var kinds: [TokenObject.Kind] = [.privateKey(key, certificate)]
            if let announced { kinds.append(.publicKey(.init(announced, of: key, certificate: certificate))) }
            if let certificate { kinds.append(.certificate(certificate.object, certificate)) }
            if contents.publicKeys != nil, announced == nil, let certificate {
                kinds.append(.publicKey(.init(of: key, from: certificate)))
            }
            return kinds
        }
    }

    /// Public keys and certificates without a private key.
    private func unpairedObjects(_ contents: CardKeysAndCertificates, _ certificates: [CertificateValue])
        -> [TokenObject
        .Kind]
    {
        let used = Set(contents.privateKeys.map(\.identifier))
        // The first of several certificates of a key is paired with it.
        let paired = contents.privateKeys.compactMap { key in certificates.first { $0.belongs(to: key.identifier) } }
        let publicKeys = (contents.publicKeys ?? []).filter { !used.contains($0.identifier) }.map { key in
            TokenObject.Kind.publicKey(
                .init(key, of: nil, certificate: certificates.first { $0.belongs(to: key.identifier) }))
        }
        let others = certificates.filter { certificate in !paired.contains { $0 === certificate } }
        return publicKeys + others.map { .certificate($0.object, $0) }
    }

    /// The profiles of the PKCS#11 Profiles specification that a card meets. Because of the public certificates
    /// profile, NSS does not ask for the PIN before it reads certificates. The authentication token profile is
    /// omitted: Firefox would ask for the PIN at its start.
    private func profiles(of model: CardModel) -> [CK_ULONG] {
        model.hasPIN
            ? [CKP_BASELINE_PROVIDER, CKP_EXTENDED_PROVIDER, CKP_PUBLIC_CERTIFICATES_TOKEN]
            : [CKP_BASELINE_PROVIDER, CKP_PUBLIC_CERTIFICATES_TOKEN]
    }
}

extension TokenObject.Kind {
    /// Where the value is on the card; nil for objects without one of their own.
    fileprivate var place: DataObject.Place? {
        switch self {
        case .privateKey(let key, _): .application(key.value)
        case .certificate(let certificate, _): .application(certificate.value)
        case .data(let object, _): object.place
        case .publicKey, .profile: nil
        }
    }

    /// Whether both are the same private key or the same certificate.
    fileprivate func isSame(as other: TokenObject.Kind) -> Bool {
        switch (self, other) {
        case (.privateKey(let one, _), .privateKey(let another, _)): one == another
        case (.certificate(_, let one), .certificate(_, let another)): one === another
        default: false
        }
    }
}

extension TokenObject.PublicKey {
    /// A public key from its directory.
    init(_ key: KeyObject, of privateKey: KeyObject?, certificate: CertificateValue?) {
        self.init(
            label: key.label, identifier: key.identifier, modulusLength: key.modulusLength,
            canEncrypt: privateKey?.usage.decrypt ?? key.usage.encrypt,
            completesHashes: privateKey?.role == .signature, certificate: certificate)
    }

    /// A public key that is only in the certificate. The official library's label for it ends with a NUL character;
    /// ours does not. Searches match both.
    init(of privateKey: KeyObject, from certificate: CertificateValue) {
        self.init(
            label: "Cle publique - " + certificate.object.label, identifier: privateKey.identifier,
            modulusLength: privateKey.modulusLength, canEncrypt: privateKey.usage.decrypt,
            completesHashes: privateKey.role == .signature, certificate: certificate)
    }
}
