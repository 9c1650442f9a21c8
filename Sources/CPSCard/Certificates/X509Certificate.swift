// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import SmartCardBytes

/// The fields of an X.509 certificate that PKCS#11 attributes need (RFC 5280 §4.1). All are in its first half, up to
/// the public key; the rest may be missing. Nothing is verified here.
public struct X509Certificate: Sendable {
    /// The serial number, a DER INTEGER with tag and length.
    public let serialNumber: [UInt8]
    /// The issuer's name, a DER Name.
    public let issuer: [UInt8]
    /// The subject's name, a DER Name.
    public let subject: [UInt8]
    /// The first day of the validity, eight digits YYYYMMDD; nil if the date is malformed.
    public let firstDay: String?
    /// The last day of the validity, like `firstDay`; nil if the date is malformed.
    public let lastDay: String?
    /// The SubjectPublicKeyInfo, DER.
    public let publicKeyInfo: [UInt8]
    /// The RSAPublicKey within it, DER (RFC 8017 A.1.1).
    public let rsaPublicKeyEncoding: [UInt8]
    /// The public key; nil if it is not a supported RSA key.
    public let publicKey: RSAPublicKey?

    /// Parses a certificate, or its first half.
    /// - Throws: `MalformedBytes` if a required field is missing or malformed.
    public init(parsing certificate: [UInt8]) throws(MalformedBytes) {
        var fields = BERTLVReader(certificate)
        try X509Certificate.enter(&fields)
        _ = try fields.nextIfPresent(tag: 0xA0)  // version
        serialNumber = Array(try fields.next(tag: DER.integer).encoding)
        _ = try fields.next(tag: DER.sequence)  // signature algorithm
        issuer = Array(try fields.next(tag: DER.sequence).encoding)
        var validity = try fields.next(tag: DER.sequence).children
        firstDay = X509Certificate.day(try validity.next())
        lastDay = X509Certificate.day(try validity.next())
        subject = Array(try fields.next(tag: DER.sequence).encoding)
        let info = try fields.next(tag: DER.sequence)
        publicKeyInfo = Array(info.encoding)

        var infoParts = info.children
        _ = try infoParts.next(tag: DER.sequence)
        let bits = try infoParts.next(tag: DER.bitString).value.dropFirst()
        rsaPublicKeyEncoding = Array(bits)
        publicKey = X509Certificate.rsaPublicKey(bits)
    }

    /// Enters the certificate up to its first field.
    private static func enter(_ reader: inout BERTLVReader) throws(MalformedBytes) {
        try reader.enter(tag: DER.sequence)
        try reader.enter(tag: DER.sequence)
    }

    /// The serial number in the first bytes of a certificate; nil if they are something else.
    static func serialNumber(in start: [UInt8]) -> [UInt8]? {
        var fields = BERTLVReader(start)
        do {
            try enter(&fields)
            _ = try fields.nextIfPresent(tag: 0xA0)
            return Array(try fields.next(tag: DER.integer).value)
        } catch {
            return nil
        }
    }

    /// The number of bytes missing from these first bytes of a certificate up to the end of its fields; nil if more
    /// bytes are needed to know. 0 also if this is not a certificate.
    static func missingBytes(after start: [UInt8]) -> Int? {
        var fields = BERTLVReader(start)
        do {
            try enter(&fields)
            _ = try fields.nextIfPresent(tag: 0xA0)
            // Serial number, signature algorithm, issuer, validity, subject.
            for tag in [DER.integer, DER.sequence, DER.sequence, DER.sequence, DER.sequence] {
                _ = try fields.next(tag: tag)
            }
            guard let length = BERTLVReader.encodedLength(of: fields.remaining) else { return nil }
            return max(length - fields.remaining.count, 0)
        } catch {
            if case .truncated = error { return nil }
            if case .missing = error { return nil }
            return 0
        }
    }

    /// Whether the bytes are a complete certificate, as far as their form shows.
    static func isIntact(_ certificate: [UInt8]) -> Bool {
        guard (try? X509Certificate(parsing: certificate)) != nil else { return false }
        return isWellFormed(BERTLVReader(certificate), depth: 0)
    }

    /// The deepest nesting. Names and extensions have less.
    private static let greatestDepth = 16

    private static func isWellFormed(_ elements: BERTLVReader, depth: Int) -> Bool {
        var reader = elements
        while !reader.isAtEnd {
            guard depth < greatestDepth, let element = try? reader.next() else { return false }
            if element.isConstructed, !isWellFormed(element.children, depth: depth + 1) { return false }
        }
        return true
    }

    private static func rsaPublicKey(_ bytes: ArraySlice<UInt8>) -> RSAPublicKey? {
        var outer = BERTLVReader(bytes)
        guard var numbers = (try? outer.next(tag: DER.sequence))?.children,
            let modulus = try? numbers.next(tag: DER.integer),
            let exponent = try? numbers.next(tag: DER.integer)
        else { return nil }
        return try? RSAPublicKey(modulus: Array(modulus.value), publicExponent: Array(exponent.value))
    }

    /// UTCTime is for the years 1950 to 2049 (RFC 5280 §4.1.2.5.1).
    private static func day(_ time: BERTLV?) -> String? {
        guard let time, time.value.allSatisfy({ $0 < 0x80 }) else { return nil }
        let text = time.text()
        let day: Substring
        switch time.tag {
        case DER.utcTime: day = (text < "50" ? "20" : "19") + text.prefix(6)
        case DER.generalizedTime: day = text.prefix(8)
        default: return nil
        }
        let isDate = day.utf8.count == 8 && day.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isDate ? String(day) : nil
    }
}
