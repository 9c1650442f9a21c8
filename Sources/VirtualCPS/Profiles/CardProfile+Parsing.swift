/// Reads a profile file, checks all of it, and says in one sentence which
/// field is wrong.
extension CardProfile {
    public init(parsing text: [UInt8]) throws(ProfileError) {
        var reader = try ProfileReader(text: text)
        _ = try reader.optionalText("comment")
        generation = try reader.choice("generation", CardGeneration.self)
        family = try reader.choice("family", CardFamily.self)

        var card = try reader.object("card")
        cardNumber = try card.digits("number", count: 10...10)
        serial = try card.digits("serial", count: 8...8)
        validFrom = try CardProfile.date("validFrom", &card)
        validUntil = try CardProfile.date("validUntil", &card)
        guard validFrom <= validUntil else {
            throw card.error("validUntil", "lies before validFrom", fr: "est antérieure à validFrom")
        }
        try card.finish()

        holder = try CardProfile.holder(&reader, family)
        organisation = try CardProfile.organisation(&reader, family)
        activities = try CardProfile.activities(&reader)
        pin = try CardProfile.pin(&reader)
        puk = try CardProfile.puk(&reader, generation)
        certificates = try CardProfile.certificates(&reader, generation)
        updateLog = try reader.optionalChoice("updateLog", UpdateLogState.self) ?? .none
        if generation == .cps4, updateLog != .none {
            throw reader.error("updateLog", "CPS4 has no EF_ACTUA", fr: "CPS4 n'a pas d'EF_ACTUA")
        }
        cpsDataSize = try reader.optionalNumber("cpsDataSize", in: 1...4096) ?? 256
        try reader.finish()
    }

    private static func date(_ field: String, _ reader: inout ProfileReader) throws(ProfileError) -> CardDate {
        guard let date = CardDate(try reader.text(field)) else {
            throw reader.error(field, "a day as 2024-12-31 must stand here", fr: "un jour tel que 2024-12-31 est attendu ici")
        }
        return date
    }

    private static func code(
        _ field: String, _ reader: inout ProfileReader, table: String, _ isKnown: (String) -> Bool
    ) throws(ProfileError) -> String? {
        guard let code = try reader.optionalText(field) else { return nil }
        guard isKnown(code) else {
            throw reader.error(field, "not a code of table \(table)", fr: "code absent de la table \(table)")
        }
        return code
    }

    private static func neededCode(
        _ field: String, _ reader: inout ProfileReader, table: String, _ isKnown: (String) -> Bool
    ) throws(ProfileError) -> String {
        guard let code = try code(field, &reader, table: table, isKnown) else {
            throw reader.error(field, "this field is missing", fr: "ce champ manque")
        }
        return code
    }

    private static func holder(
        _ reader: inout ProfileReader, _ family: CardFamily
    ) throws(ProfileError) -> Holder {
        var object = try reader.object("holder")
        let holder = Holder(
            familyName: try object.text("familyName"),
            givenName: try object.text("givenName"),
            civility: try object.choice("civility", Civility.self),
            identifierType: try neededCode(
                "identifierType", &object, table: "G08", CodeTables.personIdentifierTypes.contains),
            identifier: try object.text("identifier"),
            pseudonym: try object.optionalText("pseudonym"),
            languages: try languages(&object),
            profession: try code("profession", &object, table: "G15") { CodeTables.professions[$0] != nil },
            futureProfession: try code(
                "futureProfession", &object, table: "G16", CodeTables.futureProfessions.contains),
            speciality: try code("speciality", &object, table: "R01", CodeTables.isSpeciality))
        if holder.identifierType == "8" {
            let digits = holder.identifier.utf8
            guard digits.count == 11, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw object.error("identifier", "an RPPS number has 11 digits", fr: "un numéro RPPS a 11 chiffres")
            }
        }
        if family == .cps, holder.profession == nil {
            throw object.error("profession", "a CPS needs a profession", fr: "une CPS demande une profession")
        }
        if family == .cpf, holder.futureProfession == nil {
            throw object.error(
                "futureProfession", "a CPF needs a future profession", fr: "une CPF demande une future profession")
        }
        if family.isProfessional, holder.pseudonym != nil {
            throw object.error(
                "pseudonym", "only establishment cards have one", fr: "seules les cartes d'établissement en ont un")
        }
        try object.finish()
        return holder
    }

    private static func languages(_ reader: inout ProfileReader) throws(ProfileError) -> [String] {
        let text = try reader.optionalText("languages") ?? "fr"
        let codes = text.split(separator: " ").map(String.init)
        guard codes.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x61...0x7A).contains($0) } }) else {
            throw reader.error(
                "languages", "ISO 639 codes as \"fr en\" must stand here",
                fr: "des codes ISO 639 tels que « fr en » sont attendus ici")
        }
        return codes
    }

    private static func organisation(
        _ reader: inout ProfileReader, _ family: CardFamily
    ) throws(ProfileError) -> Organisation? {
        guard var object = try reader.optionalObject("organisation") else {
            guard family.isProfessional else {
                throw reader.error(
                    "organisation", "a card of family \(family.rawValue) needs an organisation",
                    fr: "une carte de la famille \(family.rawValue) demande une organisation")
            }
            return nil
        }
        let organisation = Organisation(
            name: try object.text("name"),
            identifierType: try neededCode(
                "identifierType", &object, table: "G07", CodeTables.structureIdentifierTypes.contains),
            identifier: try object.text("identifier"),
            department: try object.text("department"))
        try object.finish()
        return organisation
    }

    private static func activities(_ reader: inout ProfileReader) throws(ProfileError) -> [Activity] {
        var activities: [Activity] = []
        for var object in try reader.objects("activities") {
            let activity = Activity(
                number: try object.number("number", in: 1...16),
                exerciseMode: try code("exerciseMode", &object, table: "G17", CodeTables.exerciseModes.contains) ?? "00",
                structureName: try object.text("structureName"),
                structureIdentifierType: try neededCode(
                    "structureIdentifierType", &object, table: "G07", CodeTables.structureIdentifierTypes.contains),
                structureIdentifier: try object.text("structureIdentifier"),
                sector: try neededCode("sector", &object, table: "R02", CodeTables.isSector))
            guard !activities.contains(where: { $0.number == activity.number }) else {
                throw object.error(
                    "number", "activity \(activity.number) is there twice",
                    fr: "l'activité \(activity.number) figure deux fois")
            }
            try object.finish()
            activities.append(activity)
        }
        return activities.sorted { $0.number < $1.number }
    }

    private static func pin(_ reader: inout ProfileReader) throws(ProfileError) -> PINProfile {
        var object = try reader.object("pin")
        let pin = PINProfile(
            value: try object.digits("value", count: 4...8),
            triesLeft: try object.optionalNumber("triesLeft", in: 0...maximumPINTries) ?? maximumPINTries)
        try object.finish()
        return pin
    }

    private static func puk(
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

    private static func certificates(
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
