// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import SmartCardBytes

/// Whether an object matches a search template (PKCS#11 3.1 §5.7.6).
extension TokenObject {
    /// Attributes that may require reading the card. They are compared last, so that a search for another object
    /// reads nothing.
    private static let attributesOnCard: Set<CK_ATTRIBUTE_TYPE> = [
        CKA_VALUE, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PUBLIC_KEY_INFO,
        CKA_START_DATE, CKA_END_DATE, CKA_CHECK_VALUE,
    ]

    /// - Throws: if the card cannot be reached. An unreadable value does not match.
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

    /// Whether it is an expired certificate. An unreadable one counts as valid: the error is reported when its value
    /// is read.
    /// - Throws: if the card cannot be reached.
    func hasExpired(on day: String, token: Token) throws(CardError) -> Bool {
        guard case .certificate(_, let value) = kind else { return false }
        let certificate = try ifReached { () throws(CardError) in try value.fields(from: token) }
        return certificate?.lastDay.map { $0 < day } ?? false
    }

    /// The result of reading the card; nil if it fails.
    /// - Throws: if the card cannot be reached: a search must not take that for a missing object.
    private func ifReached<Value>(_ read: () throws(CardError) -> Value) throws(CardError) -> Value? {
        do throws(CardError) {
            return try read()
        } catch {
            if case .channel = error { throw error }
            return nil
        }
    }

    /// Other forms of a value, used by software written for the official library (cards.md §7.6): a serial number and
    /// an issuer without their outer tag, a public key's label with its NUL character.
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
