import CPKCS11
import CPSCard

/// The objects of a token in the order of the official library: each private key
/// with its certificate and public key, then private data, then public data
/// (cards.md §7.6, §11). Handles follow that order.
struct ObjectList: Sendable {
    let objects: [TokenObject]
    private let byHandle: [CK_OBJECT_HANDLE: TokenObject]

    init(_ contents: CardContents, of identity: CardIdentity, model: CardModel, handles: ObjectHandles) {
        var kinds: [TokenObject.Kind] = []
        let certificates = contents.certificates.map(CertificateValue.init)
        let certificate = { (identifier: [UInt8]) in
            certificates.first { $0.object.identifier == identifier && !$0.object.isAuthority }
        }
        for key in contents.privateKeys {
            let own = certificate(key.identifier)
            kinds.append(.privateKey(key, own))
            let announced = contents.publicKeys.first { $0.identifier == key.identifier }
            if let announced { kinds.append(.publicKey(.init(announced, of: key, certificate: own))) }
            if let own { kinds.append(.certificate(own.object, own)) }
            if announced == nil, let own { kinds.append(.publicKey(.init(of: key, from: own))) }
        }
        let data = contents.dataObjects.map { TokenObject.Kind.data($0, DataValue($0)) }
        kinds += contents.dataObjects.indices.filter { contents.dataObjects[$0].isPrivate }.map { data[$0] }
        let used = Set(contents.privateKeys.map(\.identifier))
        kinds += contents.publicKeys.filter { !used.contains($0.identifier) }.map {
            .publicKey(.init($0, of: nil, certificate: certificate($0.identifier)))
        }
        kinds += certificates.filter { !used.contains($0.object.identifier) || $0.object.isAuthority }.map {
            .certificate($0.object, $0)
        }
        kinds += contents.dataObjects.indices.filter { !contents.dataObjects[$0].isPrivate }.map { data[$0] }
        kinds += ObjectList.profiles(of: model).map(TokenObject.Kind.profile)

        objects = kinds.map { TokenObject(handle: handles.take(), kind: $0, serialNumber: identity.serialNumber) }
        byHandle = Dictionary(objects.map { ($0.handle, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The profiles of the PKCS#11 Profiles specification that a card fulfils. The
    /// public certificates profile keeps NSS from asking for the PIN before it
    /// reads a certificate; the authentication token profile would make Firefox
    /// ask for it at its start.
    private static func profiles(of model: CardModel) -> [CK_ULONG] {
        model.hasPIN
            ? [CKP_BASELINE_PROVIDER, CKP_EXTENDED_PROVIDER, CKP_PUBLIC_CERTIFICATES_TOKEN]
            : [CKP_BASELINE_PROVIDER, CKP_PUBLIC_CERTIFICATES_TOKEN]
    }

    subscript(handle: CK_OBJECT_HANDLE) -> TokenObject? { byHandle[handle] }

    /// Drops what was read with the user's PIN.
    func forgetPrivateValues() {
        for object in objects {
            if case .data(let description, let value) = object.kind, description.isPrivate { value.forget() }
        }
    }
}

extension TokenObject.PublicKey {
    /// A key that the directory of public keys announces.
    init(_ key: KeyObject, of privateKey: KeyObject?, certificate: CertificateValue?) {
        self.init(
            label: key.label, identifier: key.identifier, modulusLength: key.modulusLength,
            canEncrypt: privateKey?.usage.decrypt ?? key.usage.encrypt, certificate: certificate)
    }

    /// A key that only the certificate shows. The official library's label for it
    /// ends with a NUL character; ours does not, and searches find it by both.
    init(of privateKey: KeyObject, from certificate: CertificateValue) {
        self.init(
            label: "Cle publique - " + certificate.object.label, identifier: privateKey.identifier,
            modulusLength: privateKey.modulusLength, canEncrypt: privateKey.usage.decrypt, certificate: certificate)
    }
}
