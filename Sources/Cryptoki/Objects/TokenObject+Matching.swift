// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import SmartCardBytes

/// Whether an object is what a caller searches for (PKCS#11 3.1 §5.7.6).
extension TokenObject {
    /// Attributes that are known without reading the card are compared first, so
    /// that a search for something else reads nothing.
    private static let attributesOnCard: Set<CK_ATTRIBUTE_TYPE> = [
        CKA_VALUE, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PUBLIC_KEY_INFO,
        CKA_START_DATE, CKA_END_DATE, CKA_CHECK_VALUE,
    ]

    /// - Throws: when the card cannot be reached. A value that it does not give
    ///   matches nothing.
    func matches(_ template: [Attribute], token: Token) throws(CardError) -> Bool {
        let onCard = template.filter { TokenObject.attributesOnCard.contains($0.type) }
        let known = template.filter { !TokenObject.attributesOnCard.contains($0.type) }
        for attribute in known + onCard {
            guard try matches(attribute, token: token) else { return false }
        }
        return true
    }

    private func matches(_ attribute: Attribute, token: Token) throws(CardError) -> Bool {
        let value = try ifReached { () throws(CardError) in try valueIfAny(of: attribute.type, token: token) }
        guard let own = value ?? nil else { return false }
        return own == attribute.value || otherForms(of: own, as: attribute.type).contains(attribute.value)
    }

    /// Whether it is a certificate whose last day is over. One that cannot be read
    /// counts as valid: whoever asks for its value learns why.
    /// - Throws: when the card cannot be reached.
    func hasExpired(on day: String, token: Token) throws(CardError) -> Bool {
        guard case .certificate(_, let value) = kind else { return false }
        let certificate = try ifReached { () throws(CardError) in try value.fields(from: token) }
        return certificate?.lastDay.map { $0 < day } ?? false
    }

    /// What the card gives; nil when it gives nothing.
    /// - Throws: when the card cannot be reached: a search must not take that for an
    ///   object that is not there.
    private func ifReached<Value>(_ read: () throws(CardError) -> Value) throws(CardError) -> Value? {
        do throws(CardError) {
            return try read()
        } catch {
            if case .channel = error { throw error }
            return nil
        }
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
