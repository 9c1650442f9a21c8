// SPDX-License-Identifier: Apache-2.0

/// The openssl configuration for a card's certificate requests and extensions, in the style
/// of IGC-Santé (cards.md §5.7). scripts/make-test-hierarchy reads the variables at the top
/// by name and passes the rest to openssl.
public struct CertificateConfiguration {
    private let profile: CardProfile
    private let today: CardDate

    /// Makes a configuration; validity is counted from `today`.
    public init(profile: CardProfile, today: CardDate) {
        self.profile = profile
        self.today = today
    }

    /// The folder name of the issuing authority.
    private var issuer: String { profile.family.isProfessional ? "fort-personnes" : "standard-personnes" }

    /// The whole configuration file, a line feed after each line.
    public var text: String {
        let keys = CardKey.keys(of: profile.generation)
        var lines = [
            "card_serial = \(profile.serial)",
            "issuer = \(issuer)",
            "keys = \(keys.map(\.rawValue).joined(separator: " "))",
        ]
        for key in keys {
            let state = profile.certificates[key] ?? .valid
            let (start, end) = dates(state)
            lines.append("date_\(key.rawValue)_start = \(start)")
            lines.append("date_\(key.rawValue)_end = \(end)")
            // Included so that a changed state changes the configuration on any day.
            lines.append("state_\(key.rawValue) = \(state.rawValue)")
            // An expiring certificate is made again every day.
            if state == .expiring { lines.append("end_\(key.rawValue) = \(end)") }
        }
        if let size = profile.certificateSize { lines.append("size = \(size)") }
        for key in keys {
            lines += [
                "", "[request_\(key.rawValue)]", "prompt = no", "utf8 = yes", "string_mask = utf8only",
                "distinguished_name = \(key == .technical ? "subject_technical" : "subject")",
            ]
        }
        lines += ["", "[subject]"] + subject
        lines += ["", "[subject_technical]", "C = FR", "O = TEST", "CN = \(profile.serial)"]
        for key in keys { lines += ["", "[\(key.rawValue)]"] + extensions(key) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The subject, the same in both certificates of a card. A `+` puts an
    /// attribute into the RDN before it.
    private var subject: [String] {
        let holder = profile.holder
        let person = [
            "surname = \(escape(holder.familyName))", "+CN = \(escape(holder.nationalIdentifier))",
            "+GN = \(escape(holder.givenName))",
        ]
        guard let organisation = profile.organisation, !profile.family.isProfessional else {
            let code = holder.profession ?? holder.futureProfession ?? ""
            let title =
                CodeTables.professions[code].map { profile.family == .cpf ? "Étudiant \($0)" : $0 } ?? "Professionnel"
            return ["C = FR", "title = \(escape(title))"] + person
        }
        let place = [
            "C = FR", "\(holder.pseudonym == nil ? "L" : "ST") = \(escape(organisation.department))",
            "O = \(escape(organisation.name))", "OU = \(escape(organisation.nationalIdentifier))",
        ]
        guard let pseudonym = holder.pseudonym else { return place + person }
        return place + [
            "title = Carte de service santé ou social", "pseudonym = \(escape(pseudonym))",
            "CN = \(escape(holder.nationalIdentifier))",
        ]
    }

    private func extensions(_ key: CardKey) -> [String] {
        let usage: [String] =
            switch key {
            case .signature: ["keyUsage = critical,digitalSignature,nonRepudiation"]
            case .authentication:
                [
                    "keyUsage = critical,digitalSignature,keyEncipherment",
                    "extendedKeyUsage = clientAuth,emailProtection",
                ]
            case .technical: ["keyUsage = critical,digitalSignature", "extendedKeyUsage = clientAuth"]
            }
        var lines =
            ["basicConstraints = critical,CA:FALSE"] + usage + [
                "subjectKeyIdentifier = hash", "authorityKeyIdentifier = keyid",
                "certificatePolicies = 2.5.29.32.0",
                "crlDistributionPoints = URI:http://igc-sante.invalid/CRL/\(issuer).crl",
                // G01, a test card, and G02, the type of card.
                "1.2.250.1.71.1.2.5 = ASN1:UTF8:80", "1.2.250.1.71.1.2.2 = ASN1:UTF8:\(profile.family.typeCode)",
            ]
        // The script computes the length of the filler.
        if profile.certificateSize != nil { lines.append("nsComment = ${ENV::FILLER}") }
        if let profession = profile.holder.profession { lines.append("1.2.250.1.71.1.2.7 = ASN1:UTF8:\(profession)") }
        return lines
    }

    /// First and last day, in the format of openssl ca.
    private func dates(_ state: CertificateState) -> (String, String) {
        switch state {
        // A CPS4 is valid for six years, a CPS3 for three.
        case .valid, .revoked, .missing: (day(years: -1), day(years: profile.generation == .cps4 ? 5 : 2))
        case .expired: (day(years: -3), day(years: -1))
        case .expiring: (day(years: -2), midnight(today.adding(days: 20)))
        case .notYetValid: (day(years: 1), day(years: 3))
        }
    }

    /// Avoids 29 February, which is not in every year.
    private func day(years: Int) -> String { midnight(today.year + years, today.month, min(today.day, 28)) }

    private func midnight(_ date: CardDate) -> String { midnight(date.year, date.month, date.day) }

    private func midnight(_ year: Int, _ month: Int, _ day: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)\(two(month))\(two(day))000000Z"
    }

    /// Escapes `$`, `#`, quotes and `\`, which are special in openssl's configuration.
    private func escape(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "\\$#\"'`".contains(character) { result.append("\\") }
            result.append(character)
        }
    }
}
