import CPKCS11
import SmartCardBytes

/// Whether an object is what a caller searches for (PKCS#11 3.1 §5.7.6).
extension TokenObject {
    /// Attributes that are known without reading the card are compared first, so
    /// that a search for something else reads nothing.
    private static let attributesOnCard: Set<CK_ATTRIBUTE_TYPE> = [
        CKA_VALUE, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PUBLIC_KEY_INFO,
        CKA_START_DATE, CKA_END_DATE, CKA_CHECK_VALUE,
    ]

    func matches(_ template: [Attribute], token: Token) -> Bool {
        let onCard = template.filter { TokenObject.attributesOnCard.contains($0.type) }
        let known = template.filter { !TokenObject.attributesOnCard.contains($0.type) }
        return known.allSatisfy { matches($0, token: token) } && onCard.allSatisfy { matches($0, token: token) }
    }

    private func matches(_ attribute: Attribute, token: Token) -> Bool {
        guard let own = try? value(of: attribute.type, token: token) else { return false }
        return own == attribute.value || otherForms(of: own, as: attribute.type).contains(attribute.value)
    }

    /// The forms in which software written for the official library gives some
    /// values (cards.md §7.6): a serial number and an issuer without their outer
    /// tag, the label of a public key with its NUL character.
    private func otherForms(of value: [UInt8], as type: CK_ATTRIBUTE_TYPE) -> [[UInt8]] {
        switch (type, kind) {
        case (CKA_SERIAL_NUMBER, .certificate), (CKA_ISSUER, .certificate):
            var reader = BERTLVReader(value)
            guard let element = try? reader.next() else { return [] }
            return [Array(element.value)]
        case (CKA_LABEL, .publicKey):
            return [value + [0]]
        default:
            return []
        }
    }
}
