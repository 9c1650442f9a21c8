// SPDX-License-Identifier: Apache-2.0

/// Reads and checks a profile file; an error names the field.
extension CardProfile {
    /// Reads a profile (JSON, UTF-8). The files in Sources/cps-virtual-card/Profiles are examples.
    /// - Throws: `ProfileError` with the name of a missing, unknown or invalid field.
    public init(parsing text: [UInt8]) throws(ProfileError) {
        try self.init(ProfileReader(text: text))
    }

    init(_ reader: ProfileReader) throws(ProfileError) {
        var reader = reader
        _ = try reader.optionalText("comment")
        generation = try reader.choice("generation", CardGeneration.self)
        family = try reader.choice("family", ProfileFamily.self)

        var card = try reader.object("card")
        cardNumber = try card.digits("number", count: 10...10)
        serial = try card.digits("serial", count: 8...8)
        validFrom = try CardProfile.date("validFrom", &card)
        validUntil = try CardProfile.date("validUntil", &card)
        guard validFrom <= validUntil else {
            throw card.error("validUntil", "is earlier than validFrom", fr: "est antérieure à validFrom")
        }
        try card.finish()

        holder = try CardProfile.holder(&reader, family)
        organisation = try CardProfile.organisation(&reader, family)
        activities = try CardProfile.activities(&reader)
        pin = try CardProfile.pin(&reader, generation)
        puk = try CardProfile.puk(&reader, generation)
        certificates = try CardProfile.certificates(&reader, generation)
        certificateSize = try reader.optionalNumber("certificateSize", in: 2048...8192)
        updateLog = try reader.optionalChoice("updateLog", UpdateLogState.self) ?? .none
        if generation == .cps4, updateLog != .none {
            throw reader.error("updateLog", "CPS4 has no EF_ACTUA", fr: "CPS4 n'a pas d'EF_ACTUA")
        }
        cpsDataSize = try reader.optionalNumber("cpsDataSize", in: 1...4096) ?? 256
        try reader.finish()
    }

    static func date(_ field: String, _ reader: inout ProfileReader) throws(ProfileError) -> CardDate {
        guard let date = CardDate(try reader.text(field)) else {
            throw reader.error(
                field, "a day as 2024-12-31 is expected here", fr: "un jour tel que 2024-12-31 est attendu ici")
        }
        return date
    }

    static func code(
        _ field: String, _ reader: inout ProfileReader, table: String, _ isKnown: (String) -> Bool
    ) throws(ProfileError) -> String? {
        guard let code = try reader.optionalText(field) else { return nil }
        guard isKnown(code) else {
            throw reader.error(field, "not a code of table \(table)", fr: "code absent de la table \(table)")
        }
        return code
    }

    static func neededCode(
        _ field: String, _ reader: inout ProfileReader, table: String, _ isKnown: (String) -> Bool
    ) throws(ProfileError) -> String {
        guard let code = try code(field, &reader, table: table, isKnown) else {
            throw reader.error(field, "this field is missing", fr: "ce champ manque")
        }
        return code
    }

    static func pin(
        _ reader: inout ProfileReader, _ generation: CardGeneration
    ) throws(ProfileError) -> PINProfile {
        var object = try reader.object("pin")
        let block = try object.optionalChoice("block", PINBlock.self)
        let pin = PINProfile(
            value: try object.digits("value", count: (block ?? PINBlock.usual(on: generation)).lengths),
            triesLeft: try object.optionalNumber("triesLeft", in: 0...maximumPINTries) ?? maximumPINTries,
            block: block)
        try object.finish()
        return pin
    }

    static func puk(
        _ reader: inout ProfileReader, _ generation: CardGeneration
    ) throws(ProfileError) -> PUKProfile {
        var object = try reader.object("puk")
        let maximum = maximumPUKTries(generation)
        let puk = PUKProfile(
            value: try object.digits("value", count: 8...8),
            triesLeft: try object.optionalNumber("triesLeft", in: 0...maximum) ?? maximum,
            usesLeft: try object.optionalNumber("usesLeft", in: 0...maximumPUKUses) ?? maximumPUKUses)
        try object.finish()
        return puk
    }

    static func certificates(
        _ reader: inout ProfileReader, _ generation: CardGeneration
    ) throws(ProfileError) -> [CardKey: CertificateState] {
        var states: [CardKey: CertificateState] = [:]
        for key in CardKey.keys(of: generation) { states[key] = .valid }
        guard var object = try reader.optionalObject("certificates") else { return states }
        for key in CardKey.keys(of: generation) {
            if let state = try object.optionalChoice(key.rawValue, CertificateState.self) { states[key] = state }
        }
        try object.finish()
        return states
    }
}
