// SPDX-License-Identifier: Apache-2.0

/// The card's number, type and validity. What the card does not say is nil.
public struct CardDescription: Sendable, Equatable {
    /// The ten digits printed on the card.
    public var number: String?
    /// Table G01: a real card, or one for tests.
    public var category: CodedValue?
    /// Table G02.
    public var type: CodedValue?
    /// The family, from the type or, without one, from the certificate.
    public var family: CardFamily?
    /// The first day, from CPS_ID_CARD.
    public var validFrom: CalendarDate?
    /// The last day, from CPS_ID_CARD. The certificates may end earlier.
    public var validUntil: CalendarDate?

    /// - Parameter tokenLabel: the label in TokenInfo, for example `CPS3v3-2600971845`.
    public init(tokenLabel: String?, certificate: HolderCertificate?, objects: [CardDataObject]) {
        let object = objects.first { $0.label == "CPS_ID_CARD" }
        number = CardDescription.number(in: tokenLabel) ?? object?.text(.cardNumber)
        category = (certificate?.cardCategory ?? object?.text(.cardCategory)).map {
            CodedValue($0, in: .cardCategories)
        }
        type = (certificate?.cardType ?? object?.text(.cardType)).map { CodedValue($0, in: .cardTypes) }
        family = CardFamily(typeCode: type?.code, certificate: certificate)
        validFrom = object?.field(.validFrom).flatMap { CalendarDate(field: $0.bytes) }
        validUntil = object?.field(.validUntil).flatMap { CalendarDate(field: $0.bytes) }
    }

    /// The ten digits after the last hyphen; nil for a label of another form.
    public static func number(in tokenLabel: String?) -> String? {
        guard let digits = tokenLabel?.split(separator: "-", omittingEmptySubsequences: false).last,
            digits.utf8.count == 10, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return String(digits)
    }
}

/// The families of cards (cards.md §0.3). Directors' cards (CDE, CDA) cannot be
/// distinguished: they have the codes of their staff's cards.
public enum CardFamily: String, Sendable {
    case cps = "CPS"
    case cpf = "CPF"
    case cpe = "CPE"
    case cpa = "CPA"
    /// A professional's, with or without a diploma.
    case professional = "CPS/CPF"
    /// An establishment's.
    case establishment = "CPE/CPA"

    /// By the code of table G02; without one by the certificate's issuer and the form of the
    /// holder's identifier (cards.md §5.7).
    init?(typeCode: String?, certificate: HolderCertificate?) {
        switch typeCode {
        case "00": self = .cps
        case "01": self = .cpf
        case "02": self = .cpe
        case "03": self = .cpa
        default:
            let issuer = certificate?.issuer ?? ""
            if issuer.contains("FORT PERSONNES") {
                self = .professional
            } else if issuer.contains("STANDARD PERSONNES") || certificate?.identifier?.contains("/") == true {
                self = .establishment
            } else {
                return nil
            }
        }
    }
}
