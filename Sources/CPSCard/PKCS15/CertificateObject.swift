// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// A certificate in its directory file (ISO/IEC 7816-15 §8.6; cards.md §2.12).
public struct CertificateObject: Sendable, Equatable {
    /// CKA_LABEL, the same for the same certificate on every card.
    public var label: String
    /// CKA_ID, the same as that of the private key.
    public var identifier: [UInt8]
    /// CKA_PRIVATE. Certificates on CPS cards are public.
    public var isPrivate: Bool
    /// Whether the directory marks it as that of an authority.
    public var isAuthority: Bool
    /// Where the DER encoding is: in a file or in the directory entry.
    public var value: PKCS15Value

    init(_ element: BERTLV, application: FilePath) throws(MalformedBytes) {
        let entry = try PKCS15Entry(element)
        label = entry.label
        isPrivate = entry.isPrivate
        var common = entry.classAttributes
        identifier = Array(try common.next(tag: DER.octetString).value)
        isAuthority = try common.nextIfPresent(tag: DER.boolean)?.value.contains { $0 != 0 } ?? false

        var type = entry.typeAttributes
        guard let place = try type.next() else { throw .missing(tag: DER.sequence) }
        value = place.tag == 0xA0 ? .direct(Array(place.value)) : try place.pathValue(in: application)
    }
}
