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

    init(_ name: OpaquePointer?) {
        let count = unsafe X509_NAME_entry_count(name)
        attributes = (0..<max(0, count)).compactMap { index in
            guard let entry = unsafe X509_NAME_get_entry(name, index) else { return nil }
            return unsafe Attribute(
                name: PKIX.name(of: X509_NAME_ENTRY_get_object(entry)),
                text: DistinguishedName.text(of: X509_NAME_ENTRY_get_data(entry)))
        }
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
