// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography
import SmartCardBytes

/// The attributes of objects (PKCS#11 3.1 §4). Values that existing CPS software depends on are those of the official
/// library (cards.md §7.6); differences are marked in the comments.
extension TokenObject {
    /// The value of an attribute.
    /// - Throws: `.attributeTypeInvalid` if objects of this class do not have it, `.attributeSensitive` for the
    ///   secret part of a key, or why the card could not be read.
    func value(of type: CK_ATTRIBUTE_TYPE, token: Token) throws(CryptokiError) -> [UInt8] {
        do throws(CardError) {
            if let value = try valueIfAny(of: type, token: token) { return value }
        } catch {
            throw CryptokiError(error)
        }
        if isSensitive(type) { throw .attributeSensitive }
        throw .attributeTypeInvalid
    }

    /// The value of an attribute; nil if it does not exist or is sensitive.
    func valueIfAny(of type: CK_ATTRIBUTE_TYPE, token: Token) throws(CardError) -> [UInt8]? {
        if let value = storageAttribute(type) { return value }
        return switch kind {
        case .privateKey(let key, let certificate):
            try privateKeyAttribute(type, of: key, certificate: certificate, token: token)
        case .publicKey(let key):
            try publicKeyAttribute(type, of: key, token: token)
        case .certificate(let object, let value):
            try certificateAttribute(type, of: object, value, token: token)
        case .data(let object, let value):
            try dataAttribute(type, of: object, value, token: token)
        case .profile(let profile):
            type == CKA_PROFILE_ID ? AttributeValue.number(profile) : nil
        }
    }

    /// The attributes of every token object (PKCS#11 3.1 §4.4).
    private func storageAttribute(_ type: CK_ATTRIBUTE_TYPE) -> [UInt8]? {
        switch type {
        case CKA_CLASS: AttributeValue.number(objectClass)
        case CKA_TOKEN: AttributeValue.boolean(true)
        case CKA_PRIVATE: AttributeValue.boolean(isPrivate)
        case CKA_MODIFIABLE: AttributeValue.boolean(isModifiable)
        case CKA_COPYABLE, CKA_DESTROYABLE: AttributeValue.boolean(false)
        case CKA_UNIQUE_ID: AttributeValue.text(uniqueIdentifier)
        case CKA_LABEL: AttributeValue.text(label ?? "")
        default: nil
        }
    }

    private var isModifiable: Bool {
        if case .data(let object, _) = kind { return object.isModifiable }
        return false
    }

    /// The secret numbers of a private key.
    private func isSensitive(_ type: CK_ATTRIBUTE_TYPE) -> Bool {
        guard case .privateKey = kind else { return false }
        return [
            CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT,
        ].contains(type)
    }

    // MARK: Keys

    /// The attributes of all keys (PKCS#11 3.1 §4.7). Keys have no dates.
    private func keyAttribute(_ type: CK_ATTRIBUTE_TYPE, identifier: [UInt8]) -> [UInt8]? {
        switch type {
        case CKA_KEY_TYPE: AttributeValue.number(CKK_RSA)
        case CKA_ID: identifier
        case CKA_START_DATE, CKA_END_DATE: []
        case CKA_DERIVE: AttributeValue.boolean(false)
        case CKA_LOCAL: AttributeValue.boolean(true)
        case CKA_KEY_GEN_MECHANISM: AttributeValue.number(unavailableInformation)
        default: nil
        }
    }

    private func privateKeyAttribute(
        _ type: CK_ATTRIBUTE_TYPE, of key: KeyObject, certificate: CertificateValue?, token: Token
    ) throws(CardError) -> [UInt8]? {
        if let value = keyAttribute(type, identifier: key.identifier) { return value }
        switch type {
        case CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE:
            return AttributeValue.boolean(true)
        case CKA_SIGN:
            return AttributeValue.boolean(!MechanismList.signatureMechanisms(of: key, on: token.model).isEmpty)
        case CKA_DECRYPT:
            return AttributeValue.boolean(key.usage.decrypt)
        case CKA_EXTRACTABLE, CKA_SIGN_RECOVER, CKA_UNWRAP, CKA_WRAP_WITH_TRUSTED, CKA_ALWAYS_AUTHENTICATE:
            return AttributeValue.boolean(false)
        // Not attributes of private keys in the standard. The official library returns the directory's bits.
        case CKA_ENCRYPT: return AttributeValue.boolean(key.usage.encrypt)
        case CKA_VERIFY: return AttributeValue.boolean(key.usage.verify)
        case CKA_VERIFY_RECOVER: return AttributeValue.boolean(key.usage.verifyRecover)
        case CKA_WRAP: return AttributeValue.boolean(key.usage.wrap)
        case CKA_ALLOWED_MECHANISMS:
            return AttributeValue.numbers(MechanismList.allowedMechanisms(of: key, on: token.model))
        case CKA_SUBJECT:
            // Empty in the official library. NSS and Java find keys by it.
            return try certificate.map { (value) throws(CardError) in try value.fields(from: token).subject } ?? []
        case CKA_MODULUS_BITS:
            return AttributeValue.number(CK_ULONG(key.modulusLength))
        case CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PUBLIC_KEY_INFO:
            return try publicNumbers(type, from: certificate, token: token)
        default:
            return nil
        }
    }

    /// Unlike the official library, a public key has no CKA_SENSITIVE here: the standard has no such attribute for
    /// public keys.
    private func publicKeyAttribute(
        _ type: CK_ATTRIBUTE_TYPE, of key: PublicKey, token: Token
    ) throws(CardError) -> [UInt8]? {
        if let value = keyAttribute(type, identifier: key.identifier) { return value }
        switch type {
        case CKA_VERIFY:
            return AttributeValue.boolean(true)
        case CKA_ENCRYPT:
            return AttributeValue.boolean(key.canEncrypt)
        case CKA_VERIFY_RECOVER, CKA_WRAP, CKA_TRUSTED:
            return AttributeValue.boolean(false)
        // Not attributes of public keys in the standard. The official library has them, for programs that read all
        // uses of a key in one call.
        case CKA_SIGN, CKA_SIGN_RECOVER, CKA_DECRYPT, CKA_UNWRAP:
            return AttributeValue.boolean(false)
        case CKA_SUBJECT:
            return try key.certificate.map { (value) throws(CardError) in try value.fields(from: token).subject } ?? []
        case CKA_MODULUS_BITS:
            return AttributeValue.number(CK_ULONG(key.modulusLength))
        case CKA_VALUE:
            return try key.certificate?.fields(from: token).rsaPublicKeyEncoding ?? []
        case CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PUBLIC_KEY_INFO:
            return try publicNumbers(type, from: key.certificate, token: token)
        default:
            return nil
        }
    }

    private func publicNumbers(
        _ type: CK_ATTRIBUTE_TYPE, from value: CertificateValue?, token: Token
    ) throws(CardError) -> [UInt8]? {
        guard let certificate = try value?.fields(from: token) else { return [] }
        switch type {
        case CKA_MODULUS: return certificate.publicKey?.modulus ?? []
        case CKA_PUBLIC_EXPONENT: return certificate.publicKey?.publicExponent ?? []
        default: return certificate.publicKeyInfo
        }
    }

    // MARK: Certificates

    /// The serial number is a DER INTEGER, as in the standard. The official library returns only its content;
    /// searches match both.
    private func certificateAttribute(
        _ type: CK_ATTRIBUTE_TYPE, of object: CertificateObject, _ value: CertificateValue, token: Token
    ) throws(CardError) -> [UInt8]? {
        switch type {
        case CKA_CERTIFICATE_TYPE: return AttributeValue.number(CK_ULONG(CKC_X_509))
        case CKA_ID: return object.isAuthority ? [0] : object.identifier
        // A card cannot vouch for an authority.
        case CKA_TRUSTED: return AttributeValue.boolean(false)
        case CKA_CERTIFICATE_CATEGORY:
            return AttributeValue.number(
                object.isAuthority ? CK_CERTIFICATE_CATEGORY_AUTHORITY : CK_CERTIFICATE_CATEGORY_TOKEN_USER)
        case CKA_JAVA_MIDP_SECURITY_DOMAIN: return AttributeValue.number(0)
        case CKA_URL, CKA_HASH_OF_SUBJECT_PUBLIC_KEY, CKA_HASH_OF_ISSUER_PUBLIC_KEY: return []
        case CKA_VALUE: return try value.encoding(from: token)
        case CKA_SUBJECT: return try value.fields(from: token).subject
        case CKA_ISSUER: return try value.fields(from: token).issuer
        case CKA_SERIAL_NUMBER: return try value.fields(from: token).serialNumber
        case CKA_PUBLIC_KEY_INFO: return try value.fields(from: token).publicKeyInfo
        case CKA_START_DATE: return AttributeValue.date(try value.fields(from: token).firstDay)
        case CKA_END_DATE: return AttributeValue.date(try value.fields(from: token).lastDay)
        case CKA_CHECK_VALUE:
            let encoding = try value.encoding(from: token)
            return Array(HashContext.digest(of: encoding, with: .sha1).prefix(3))
        default: return nil
        }
    }

    // MARK: Data

    private func dataAttribute(
        _ type: CK_ATTRIBUTE_TYPE, of object: DataObject, _ value: DataValue, token: Token
    ) throws(CardError) -> [UInt8]? {
        switch type {
        case CKA_APPLICATION: AttributeValue.text(object.applicationName)
        case CKA_OBJECT_ID: []
        case CKA_VALUE: try value.load(from: token)
        default: nil
        }
    }
}
