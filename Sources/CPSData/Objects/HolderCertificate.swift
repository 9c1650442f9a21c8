// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The holder's data in a certificate of the card (cards.md §5.7), the only source with a
/// documented format. What the certificate does not say is nil.
public struct HolderCertificate: Sendable, Equatable {
    /// SN of the subject.
    public var familyName: String?
    /// GN of the subject.
    public var givenName: String?
    /// Replaces the name on cards of establishments.
    public var pseudonym: String?
    /// The profession's name, or the kind of card.
    public var title: String?
    /// PS_IdNat; nil if the certificate names no person (the contactless one).
    public var identifier: String?
    /// O of the subject; only with `organisationIdentifier`, as old certificates have placeholders there.
    public var organisation: String?
    /// Struct_IdNat of the establishment.
    public var organisationIdentifier: String?
    /// L, or without it ST, of the subject.
    public var department: String?
    /// The common name of the issuing authority.
    public var issuer: String?
    /// Table G01: a real card or a test card. From an agency extension, like the two below.
    public var cardCategory: String?
    /// Table G02: the family of the card.
    public var cardType: String?
    /// Table G15.
    public var profession: String?

    /// - Parameters:
    ///   - subject: the attributes of the subject's name by their usual short names (CN,
    ///     SN, title), in order.
    ///   - encoding: the certificate, DER; for its extensions.
    public init(subject: [(name: String, text: String)], issuer: String?, encoding: [UInt8]) {
        let text = { (name: String) in subject.last { $0.name == name && !$0.text.isEmpty }?.text }
        familyName = text("SN")
        givenName = text("GN")
        pseudonym = text("pseudonym")
        title = text("title")
        if familyName ?? givenName ?? pseudonym ?? title != nil { identifier = text("CN") }
        // Certificates of people in private practice have no organisation; those of the
        // oldest test authorities had "TEST".
        organisationIdentifier = text("OU")
        if organisationIdentifier != nil { organisation = text("O") }
        department = text("L") ?? text("ST")
        self.issuer = issuer
        let codes = AgencyExtensions(certificate: encoding)
        cardCategory = codes[5]  // checked: a dictionary
        cardType = codes[2]  // checked: a dictionary
        profession = codes[7]  // checked: a dictionary
    }
}

/// The agency's certificate extensions 1.2.250.1.71.1.2.n: each has a code table entry.
struct AgencyExtensions {
    private var codes: [UInt8: String] = [:]

    subscript(number: UInt8) -> String? { codes[number] }  // checked: a dictionary

    /// 1.2.250.1.71.1.2, without its last part.
    private static let prefix: [UInt8] = [0x2A, 0x81, 0x7A, 0x01, 0x47, 0x01, 0x02]
    private static let extensionsTag: UInt32 = 0xA3

    init(certificate: [UInt8]) {
        var reader = BERTLVReader(certificate)
        guard let outer = try? reader.next(tag: DER.sequence), var parts = Optional(outer.children),
            let fields = try? parts.next(tag: DER.sequence).children,
            let holder = try? fields.first(tag: AgencyExtensions.extensionsTag), var inner = Optional(holder.children),
            var list = (try? inner.next(tag: DER.sequence))?.children
        else { return }
        while let entry = try? list.next() { add(entry) }
    }

    private mutating func add(_ entry: BERTLV) {
        var parts = entry.children
        guard let identifier = try? parts.next(tag: DER.objectIdentifier),
            identifier.value.starts(with: AgencyExtensions.prefix),
            identifier.value.count == AgencyExtensions.prefix.count + 1, let number = identifier.value.last,
            // The BOOLEAN `critical` may come first.
            let value = try? parts.first(tag: DER.octetString)
        else { return }
        // The octets hold an encoded string, or the bare characters.
        var content = value.children
        let string = (try? content.next()).map { $0.value } ?? value.value
        let characters = string.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        // checked: a dictionary
        if characters, (1...8).contains(string.count) { codes[number] = String(decoding: string, as: UTF8.self) }
    }
}
