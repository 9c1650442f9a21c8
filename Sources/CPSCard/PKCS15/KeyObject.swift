// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// A private or public RSA key in its directory file (ISO/IEC 7816-15 §8.3, §8.4; cards.md §2.10, §2.11).
public struct KeyObject: Sendable, Equatable {
    /// The uses of a key: the bits of KeyUsageFlags.
    public struct Usage: Sendable, Equatable {
        private let bits: NamedBits

        init(_ bits: NamedBits) { self.bits = bits }

        /// CKA_ENCRYPT.
        public var encrypt: Bool { bits[0] }  // checked: absent bits are 0
        /// CKA_DECRYPT. On CPS cards only the authentication key has it.
        public var decrypt: Bool { bits[1] }  // checked: absent bits are 0
        /// CKA_SIGN.
        public var sign: Bool { bits[2] }  // checked: absent bits are 0
        /// CKA_WRAP.
        public var wrap: Bool { bits[4] }  // checked: absent bits are 0
        /// CKA_VERIFY.
        public var verify: Bool { bits[6] }  // checked: absent bits are 0
        /// CKA_VERIFY_RECOVER.
        public var verifyRecover: Bool { bits[7] }  // checked: absent bits are 0
        /// For signatures that bind the holder. It marks the signature key; no PKCS#11 attribute corresponds to it.
        public var nonRepudiation: Bool { bits[9] }  // checked: absent bits are 0
    }

    /// CKA_LABEL, for example CPS_PRIV_SIG for the signature key.
    public var label: String
    /// CKA_ID, the same as that of the certificate: 14 bytes on CPS cards.
    public var identifier: [UInt8]
    /// CKA_PRIVATE: the object is visible only after a login.
    public var isPrivate: Bool
    /// The uses of the key.
    public var usage: Usage
    /// The reference in MANAGE SECURITY ENVIRONMENT; nil if the directory has none.
    public var reference: UInt8?
    /// The identifier of the PIN that protects the key; nil for none.
    public var authenticationID: [UInt8]?
    /// Where the key is. The private keys of CPS cards have an empty path.
    public var value: PKCS15Value
    /// The length of the modulus in bits.
    public var modulusLength: Int

    init(_ element: BERTLV, application: FilePath) throws(MalformedBytes) {
        let entry = try PKCS15Entry(element)
        label = entry.label
        isPrivate = entry.isPrivate
        authenticationID = entry.authenticationID

        var common = entry.classAttributes
        identifier = Array(try common.next(tag: DER.octetString).value)
        usage = Usage(try common.next(tag: DER.bitString).namedBits())
        _ = try common.nextIfPresent(tag: DER.boolean)  // native
        _ = try common.nextIfPresent(tag: DER.bitString)  // access flags
        if let number = try common.nextIfPresent(tag: DER.integer) {
            // A reference encoded as a negative number is read as an unsigned byte.
            guard let byte = number.value.last,
                number.value.count == 1 || number.value.count == 2 && number.value.first == 0
            else { throw .invalidContent(tag: DER.integer) }
            reference = byte
        }

        var type = entry.typeAttributes
        value = try type.next(tag: DER.sequence).pathValue(in: application)
        modulusLength = try type.nextIfPresent(tag: DER.integer)?.unsignedInteger() ?? 2048
    }
}
