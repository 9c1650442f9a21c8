// SPDX-License-Identifier: Apache-2.0

/// The parts of a profile about people and places.
extension CardProfile {
    static func holder(
        _ reader: inout ProfileReader, _ family: ProfileFamily
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

    static func languages(_ reader: inout ProfileReader) throws(ProfileError) -> [String] {
        let text = try reader.optionalText("languages") ?? "fr"
        let codes = text.split(separator: " ").map(String.init)
        guard codes.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x61...0x7A).contains($0) } }) else {
            throw reader.error(
                "languages", "ISO 639 codes such as \"fr en\" are expected here",
                fr: "des codes ISO 639 tels que « fr en » sont attendus ici")
        }
        return codes
    }

    static func organisation(
        _ reader: inout ProfileReader, _ family: ProfileFamily
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

    static func activities(_ reader: inout ProfileReader) throws(ProfileError) -> [Activity] {
        var activities: [Activity] = []
        for var object in try reader.objects("activities") {
            let activity = Activity(
                number: try object.number("number", in: 1...16),
                exerciseMode: try code("exerciseMode", &object, table: "G17", CodeTables.exerciseModes.contains)
                    ?? "00",
                structureName: try object.text("structureName"),
                structureIdentifierType: try neededCode(
                    "structureIdentifierType", &object, table: "G07", CodeTables.structureIdentifierTypes.contains),
                structureIdentifier: try object.text("structureIdentifier"),
                sector: try neededCode("sector", &object, table: "R02", CodeTables.isSector))
            guard !activities.contains(where: { $0.number == activity.number }) else {
                throw object.error(
                    "number", "activity \(activity.number) is given twice",
                    fr: "l'activité \(activity.number) figure deux fois")
            }
            try object.finish()
            activities.append(activity)
        }
        return activities.sorted { $0.number < $1.number }
    }
}
