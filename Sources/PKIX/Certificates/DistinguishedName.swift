// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A name in a certificate (RFC 5280 §4.1.2.4): attributes in their order.
public struct DistinguishedName: Sendable, Hashable {
    /// One attribute. The text is not trusted: characters that control a terminal are
    /// replaced.
    public struct Attribute: Sendable, Hashable {
        /// `CN`, `O`, `title`; the object identifier in numbers if it has no usual name.
        public let name: String
        /// The value as UTF-8, whatever string type the certificate used.
        public let text: String
    }

    /// All attributes, in the order of the certificate.
    public let attributes: [Attribute]

    /// The last attribute of this name, the most specific one; nil if there is none.
    public subscript(name: String) -> String? { attributes.last { $0.name == name }?.text }

    /// `C=FR, O=ASIP-SANTE, CN=…`: for people, not to be compared.
    public var text: String { attributes.map { "\($0.name)=\($0.text)" }.joined(separator: ", ") }

    /// The name as in RFC 2253, with the names of `attributes`: `CN=…+GN=…,title=…,C=FR`. The issuer of
    /// a SAML assertion has this form.
    public let rfc2253: String

    init(_ name: OpaquePointer?) {
        let count = unsafe X509_NAME_entry_count(name)
        // The number of the relative name that each attribute belongs to.
        let places = (0..<max(0, count)).map { unsafe X509_NAME_ENTRY_set(X509_NAME_get_entry(name, $0)) }
        attributes = (0..<max(0, count)).compactMap { index in
            guard let entry = unsafe X509_NAME_get_entry(name, index) else { return nil }
            return unsafe Attribute(
                name: PKIX.name(of: X509_NAME_ENTRY_get_object(entry)),
                text: DistinguishedName.text(of: X509_NAME_ENTRY_get_data(entry)))
        }
        rfc2253 = DistinguishedName.rfc2253(zip(places, attributes).reversed())
    }

    private static func rfc2253(_ parts: [(Int32, Attribute)]) -> String {
        var text = ""
        var last: Int32?
        for (place, attribute) in parts {
            if let last { text += place == last ? "+" : "," }
            text += "\(attribute.name)=\(escaped(attribute.text))"
            last = place
        }
        return text
    }

    /// RFC 2253 §2.4.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for (index, character) in text.enumerated() {
            let isFirst = index == 0
            let isLast = index == text.count - 1
            if ",+\"\\<>;".contains(character) || isFirst && "# ".contains(character) || isLast && character == " " {
                result.append("\\")
            }
            result.append(character)
        }
        return result
    }

    private static func text(of string: UnsafePointer<ASN1_STRING>?) -> String {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&bytes, string)
        guard count >= 0, let start = unsafe bytes else {
            ERR_clear_error()
            return printable(String(decoding: unsafe content(of: string), as: UTF8.self))
        }
        defer { unsafe cps_free(start) }
        return unsafe printable(String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self))
    }

    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
