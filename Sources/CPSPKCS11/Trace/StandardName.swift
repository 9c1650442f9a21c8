// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// The standard's name for a constant, or hexadecimal if it has none. Names that no program needs with a card are
/// missing. Those of return codes are in `CryptokiError`.
enum StandardName {
    private typealias Entry = (number: CK_ULONG, name: StaticString)

    static func mechanism(_ type: CK_MECHANISM_TYPE) -> String { name(type, in: mechanisms) }
    static func attribute(_ type: CK_ATTRIBUTE_TYPE) -> String { name(type, in: attributes) }
    static func objectClass(_ value: CK_ULONG) -> String { name(value, in: objectClasses) }
    static func userType(_ type: CK_USER_TYPE) -> String { name(type, in: userTypes) }

    private static func name(_ number: CK_ULONG, in entries: [Entry]) -> String {
        entries.first { $0.number == number }?.name.description ?? hexadecimal(number)
    }

    private static let userTypes: [Entry] = [
        (CKU_SO, "CKU_SO"),
        (CKU_USER, "CKU_USER"),
        (CKU_CONTEXT_SPECIFIC, "CKU_CONTEXT_SPECIFIC"),
    ]

    private static let objectClasses: [Entry] = [
        (CKO_DATA, "CKO_DATA"),
        (CKO_CERTIFICATE, "CKO_CERTIFICATE"),
        (CKO_PUBLIC_KEY, "CKO_PUBLIC_KEY"),
        (CKO_PRIVATE_KEY, "CKO_PRIVATE_KEY"),
        (CKO_SECRET_KEY, "CKO_SECRET_KEY"),
        (CKO_HW_FEATURE, "CKO_HW_FEATURE"),
        (CKO_DOMAIN_PARAMETERS, "CKO_DOMAIN_PARAMETERS"),
        (CKO_MECHANISM, "CKO_MECHANISM"),
        (CKO_PROFILE, "CKO_PROFILE"),
    ]

    private static let mechanisms: [Entry] = [
        (CKM_RSA_PKCS_KEY_PAIR_GEN, "CKM_RSA_PKCS_KEY_PAIR_GEN"),
        (CKM_RSA_PKCS, "CKM_RSA_PKCS"),
        (CKM_RSA_X_509, "CKM_RSA_X_509"),
        (CKM_SHA1_RSA_PKCS, "CKM_SHA1_RSA_PKCS"),
        (CKM_RSA_PKCS_OAEP, "CKM_RSA_PKCS_OAEP"),
        (CKM_RSA_PKCS_PSS, "CKM_RSA_PKCS_PSS"),
        (CKM_SHA1_RSA_PKCS_PSS, "CKM_SHA1_RSA_PKCS_PSS"),
        (CKM_SHA224_RSA_PKCS, "CKM_SHA224_RSA_PKCS"),
        (CKM_SHA256_RSA_PKCS, "CKM_SHA256_RSA_PKCS"),
        (CKM_SHA384_RSA_PKCS, "CKM_SHA384_RSA_PKCS"),
        (CKM_SHA512_RSA_PKCS, "CKM_SHA512_RSA_PKCS"),
        (CKM_SHA224_RSA_PKCS_PSS, "CKM_SHA224_RSA_PKCS_PSS"),
        (CKM_SHA256_RSA_PKCS_PSS, "CKM_SHA256_RSA_PKCS_PSS"),
        (CKM_SHA384_RSA_PKCS_PSS, "CKM_SHA384_RSA_PKCS_PSS"),
        (CKM_SHA512_RSA_PKCS_PSS, "CKM_SHA512_RSA_PKCS_PSS"),
        (CKM_MD5, "CKM_MD5"),
        (CKM_SHA_1, "CKM_SHA_1"),
        (CKM_SHA224, "CKM_SHA224"),
        (CKM_SHA256, "CKM_SHA256"),
        (CKM_SHA384, "CKM_SHA384"),
        (CKM_SHA512, "CKM_SHA512"),
        (CKM_ECDSA, "CKM_ECDSA"),
    ]

    private static let attributes: [Entry] = [
        (CKA_CLASS, "CKA_CLASS"),
        (CKA_TOKEN, "CKA_TOKEN"),
        (CKA_PRIVATE, "CKA_PRIVATE"),
        (CKA_LABEL, "CKA_LABEL"),
        (CKA_APPLICATION, "CKA_APPLICATION"),
        (CKA_VALUE, "CKA_VALUE"),
        (CKA_OBJECT_ID, "CKA_OBJECT_ID"),
        (CKA_CERTIFICATE_TYPE, "CKA_CERTIFICATE_TYPE"),
        (CKA_ISSUER, "CKA_ISSUER"),
        (CKA_SERIAL_NUMBER, "CKA_SERIAL_NUMBER"),
        (CKA_TRUSTED, "CKA_TRUSTED"),
        (CKA_CERTIFICATE_CATEGORY, "CKA_CERTIFICATE_CATEGORY"),
        (CKA_JAVA_MIDP_SECURITY_DOMAIN, "CKA_JAVA_MIDP_SECURITY_DOMAIN"),
        (CKA_URL, "CKA_URL"),
        (CKA_HASH_OF_SUBJECT_PUBLIC_KEY, "CKA_HASH_OF_SUBJECT_PUBLIC_KEY"),
        (CKA_HASH_OF_ISSUER_PUBLIC_KEY, "CKA_HASH_OF_ISSUER_PUBLIC_KEY"),
        (CKA_NAME_HASH_ALGORITHM, "CKA_NAME_HASH_ALGORITHM"),
        (CKA_CHECK_VALUE, "CKA_CHECK_VALUE"),
        (CKA_KEY_TYPE, "CKA_KEY_TYPE"),
        (CKA_SUBJECT, "CKA_SUBJECT"),
        (CKA_ID, "CKA_ID"),
        (CKA_SENSITIVE, "CKA_SENSITIVE"),
        (CKA_ENCRYPT, "CKA_ENCRYPT"),
        (CKA_DECRYPT, "CKA_DECRYPT"),
        (CKA_WRAP, "CKA_WRAP"),
        (CKA_UNWRAP, "CKA_UNWRAP"),
        (CKA_SIGN, "CKA_SIGN"),
        (CKA_SIGN_RECOVER, "CKA_SIGN_RECOVER"),
        (CKA_VERIFY, "CKA_VERIFY"),
        (CKA_VERIFY_RECOVER, "CKA_VERIFY_RECOVER"),
        (CKA_DERIVE, "CKA_DERIVE"),
        (CKA_START_DATE, "CKA_START_DATE"),
        (CKA_END_DATE, "CKA_END_DATE"),
        (CKA_MODULUS, "CKA_MODULUS"),
        (CKA_MODULUS_BITS, "CKA_MODULUS_BITS"),
        (CKA_PUBLIC_EXPONENT, "CKA_PUBLIC_EXPONENT"),
        (CKA_PRIVATE_EXPONENT, "CKA_PRIVATE_EXPONENT"),
        (CKA_PRIME_1, "CKA_PRIME_1"),
        (CKA_PRIME_2, "CKA_PRIME_2"),
        (CKA_EXPONENT_1, "CKA_EXPONENT_1"),
        (CKA_EXPONENT_2, "CKA_EXPONENT_2"),
        (CKA_COEFFICIENT, "CKA_COEFFICIENT"),
        (CKA_PUBLIC_KEY_INFO, "CKA_PUBLIC_KEY_INFO"),
        (CKA_VALUE_LEN, "CKA_VALUE_LEN"),
        (CKA_EXTRACTABLE, "CKA_EXTRACTABLE"),
        (CKA_LOCAL, "CKA_LOCAL"),
        (CKA_NEVER_EXTRACTABLE, "CKA_NEVER_EXTRACTABLE"),
        (CKA_ALWAYS_SENSITIVE, "CKA_ALWAYS_SENSITIVE"),
        (CKA_KEY_GEN_MECHANISM, "CKA_KEY_GEN_MECHANISM"),
        (CKA_MODIFIABLE, "CKA_MODIFIABLE"),
        (CKA_COPYABLE, "CKA_COPYABLE"),
        (CKA_DESTROYABLE, "CKA_DESTROYABLE"),
        (CKA_EC_PARAMS, "CKA_EC_PARAMS"),
        (CKA_EC_POINT, "CKA_EC_POINT"),
        (CKA_ALWAYS_AUTHENTICATE, "CKA_ALWAYS_AUTHENTICATE"),
        (CKA_WRAP_WITH_TRUSTED, "CKA_WRAP_WITH_TRUSTED"),
        (CKA_WRAP_TEMPLATE, "CKA_WRAP_TEMPLATE"),
        (CKA_UNWRAP_TEMPLATE, "CKA_UNWRAP_TEMPLATE"),
        (CKA_ALLOWED_MECHANISMS, "CKA_ALLOWED_MECHANISMS"),
        (CKA_UNIQUE_ID, "CKA_UNIQUE_ID"),
        (CKA_PROFILE_ID, "CKA_PROFILE_ID"),
    ]
}
