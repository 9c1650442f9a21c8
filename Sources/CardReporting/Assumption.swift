// SPDX-License-Identifier: Apache-2.0

import CardReport
import Messages
import SmartCardBytes

/// Something that this project takes for true of real cards and that nobody has been able to check. A report settles
/// it. docs/cards.md §9.5 lists the same ones; a test compares.
public struct Assumption: Sendable {
    /// What a report says of an assumption.
    public enum Verdict: Equatable, Sendable {
        case holds
        case fails(found: String)
        /// The report does not show it: another kind of card, or the card did not answer.
        case open
    }

    /// The name in the document.
    public let name: String
    /// What is assumed.
    public let statement: Message
    private let judge: @Sendable (CardReport) -> Verdict

    /// What this report says of it.
    public func verdict(on report: CardReport) -> Verdict { judge(report) }

    private init(
        _ name: String, _ english: String, fr french: String, _ judge: @escaping @Sendable (CardReport) -> Verdict
    ) {
        self.name = name
        statement = Message(english, fr: french)
        self.judge = judge
    }
}

extension Assumption {
    /// In the order of the document.
    public static let all: [Assumption] = commands + directories + pins

    private static let commands = [
        Assumption(
            "silent-select", "The card takes SELECT of a file with P2 = 0C.",
            fr: "La carte accepte le SELECT d'un fichier avec P2 = 0C."
        ) { status(of: "select-file-no-answer", in: $0, isOne: { $0 == "9000" }) },
        Assumption(
            "unfetched-select", "With T=0 a file can be read although the answer to its SELECT was not fetched.",
            fr: "En T=0, un fichier se lit même si la réponse à son SELECT n'a pas été demandée."
        ) { report in
            report.card.transport == "T=0"
                ? status(of: "read-unfetched", in: report, isOne: { $0 == "9000" || $0.hasPrefix("6C") }) : .open
        },
        Assumption(
            "too-long-read", "READ BINARY with too long an Le gives 6Cxx, or the bytes that are there.",
            fr: "READ BINARY avec un Le trop long donne 6Cxx, ou les octets qui existent."
        ) { report in
            let taken = { (status: String) in ["9000", "6282"].contains(status) || status.hasPrefix("6C") }
            let verdicts = ["read-le-00", "read-le-too-long"].map { status(of: $0, in: report, isOne: taken) }
            return verdicts.first { $0 != .holds } ?? .holds
        },
        Assumption(
            "read-at-end", "READ BINARY at the end of a file gives 6B00.",
            fr: "READ BINARY à la fin d'un fichier donne 6B00."
        ) { status(of: "read-at-end", in: $0, isOne: { $0 == "6B00" }) },
        Assumption(
            "read-256", "READ BINARY gives 256 bytes at once.",
            fr: "READ BINARY donne 256 octets en une fois."
        ) { report in
            guard let form = report.form("read-256") else { return .open }
            return form.byteCount == 256 ? .holds : .fails(found: "\(form.byteCount ?? 0), \(form.status)")
        },
        Assumption(
            "pin-object-place", "The PIN objects of a CPS3 are found from the MF only.",
            fr: "Les objets PIN d'une CPS3 ne se trouvent que depuis le MF."
        ) { status(of: "pin-object-outside-mf", in: $0, isOne: { $0 == "6A88" }) },
        Assumption(
            "empty-verify", "A CPS4 answers VERIFY without data by 63Cx, by 6983 or by 9000.",
            fr: "Une CPS4 répond à VERIFY sans données par 63Cx, par 6983 ou par 9000."
        ) { report in
            guard report.card.model == "CPS4", !report.pins.isEmpty else { return .open }
            let other = report.pins.first { !$0.status.hasPrefix("63C") && !["6983", "9000"].contains($0.status) }
            return other.map { .fails(found: $0.status) } ?? .holds
        },
        Assumption(
            "channel", "SELECT of the applet opens logical channel 1 of a CPS4.",
            fr: "Le SELECT de l'applet ouvre le canal logique 1 d'une CPS4."
        ) { report in
            guard report.card.model == "CPS4", let file = report.file("MF") else { return .open }
            return file.select == "9000" ? .holds : .fails(found: file.select)
        },
        Assumption(
            "warm-reset", "The answer to a warm reset is the same as after power-on.",
            fr: "La réponse à un reset à chaud est la même qu'à la mise sous tension."
        ) { report in
            guard let warm = report.card.warmAnswerToReset else { return .open }
            return warm == report.card.answerToReset ? .holds : .fails(found: warm)
        },
    ]

    private static let directories = [
        Assumption(
            "ef-dir", "EF.DIR names the applications as published for one CPS3, in this order: 4F, 50, 51, 73.",
            fr: "EF.DIR nomme les applications comme sur la CPS3 publiée, dans cet ordre : 4F, 50, 51, 73."
        ) { report in
            guard let lines = report.file("EF.DIR")?.content else { return .open }
            let tags = lines.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }.map {
                String($0.dropFirst(2).prefix(2))
            }
            let isKnown =
                !tags.isEmpty && tags.count % 4 == 0
                && tags.chunks(of: 4).allSatisfy { $0 == ["4F", "50", "51", "73"] }
            return isKnown ? .holds : .fails(found: tags.joined(separator: " "))
        },
        Assumption(
            "cps4-files", "A CPS4 has its directories where a CPS3 has them, below 3F00/0001.",
            fr: "Une CPS4 a ses répertoires là où une CPS3 les a, sous 3F00/0001."
        ) { report in
            guard report.card.model == "CPS4" else { return .open }
            return paths(
                report,
                [
                    ("ODF", "5031"), ("TokenInfo", "5032"), ("AODF", "7001"), ("PrKDF", "7002"), ("PuKDF", "7004"),
                    ("CDF", "7005"), ("DODF", "7006"),
                ])
        },
        Assumption(
            "certificate-files", "The signature certificate is in A001, the authentication certificate in A002.",
            fr: "Le certificat de signature est dans A001, celui d'authentification dans A002."
        ) { report in
            let certificates = report.files.filter { $0.kind == "certificate" }
            let wrong = certificates.first { file in
                guard let label = file.label else { return false }
                return label.contains("Signature") && !file.path.hasSuffix("/A001")
                    || label.contains("Authentification") && !file.path.hasSuffix("/A002")
            }
            if certificates.allSatisfy({ $0.path.hasSuffix("/A003") }) { return .open }
            return wrong.map { .fails(found: "\($0.label ?? "") \($0.path)") } ?? .holds
        },
        Assumption(
            "data-files", "The activities are in D120 to D12F, in their order; CPS_DATA is in D107.",
            fr: "Les situations d'exercice sont dans D120 à D12F, dans l'ordre ; CPS_DATA est dans D107."
        ) { report in
            let objects = report.files.filter { $0.kind == "data object" }
            guard !objects.isEmpty else { return .open }
            let wrong = objects.first { file in
                guard let label = file.label else { return false }
                if label == "CPS_DATA" { return !file.path.hasSuffix("/D107") }
                guard label.hasPrefix("CPS_ACTIVITY_"),
                    let number = label.dropFirst("CPS_ACTIVITY_".count).split(separator: "_").first.flatMap({ Int($0) }
                    ),
                    (1...16).contains(number)
                else { return false }
                return !file.path.hasSuffix("/D12" + String(number - 1, radix: 16, uppercase: true))
            }
            return wrong.map { .fails(found: "\($0.label ?? "") \($0.path)") } ?? .holds
        },
        Assumption(
            "data-rule", "CPS_DATA of a CPS3 can be written after the PIN (condition 11 in its access rule).",
            fr: "CPS_DATA d'une CPS3 s'écrit après le code porteur (condition 11 dans sa règle d'accès)."
        ) { report in
            guard report.card.model == "CPS3",
                let control = report.files.first(where: { $0.label == "CPS_DATA" })?.control,
                let rule = control.lazy.map({ $0.drop { $0 == " " } }).first(where: { $0.hasPrefix("8C ") }),
                let bytes = Hexadecimal.decode(rule.dropFirst(3)), let mode = bytes.first, mode & 0x02 != 0
            else { return .open }
            let index = (mode & 0x7C).nonzeroBitCount + 1
            guard index < bytes.count else { return .open }
            return bytes[index] == 0x11 ? .holds : .fails(found: Hexadecimal.encode([bytes[index]]))
        },
        Assumption(
            "key-references", "The keys have the references 81 and 82 on a CPS3, 83 contactless, 10 and 20 on a CPS4.",
            fr: "Les clés ont les références 81 et 82 sur une CPS3, 83 sans contact, 10 et 20 sur une CPS4."
        ) { report in
            guard let lines = report.file("PrKDF")?.content else { return .open }
            // keyReference is the last INTEGER before [1] of each entry.
            var found: [String] = []
            var last = ""
            for line in lines {
                if line.hasPrefix("    02 ") { last = String(line.dropFirst("    02 ".count)) }
                if line == "  A1" { found.append(last) }
            }
            let expected = [
                "CPS3": ["00 81", "00 82"], "CPS3 contactless": ["00 83"], "CPS4": ["10", "20"],
            ][report.card.model ?? ""]
            return found == expected ? .holds : .fails(found: found.joined(separator: ", "))
        },
        Assumption(
            "token-serial", "TokenInfo's serial number is the end of EF.SN.",
            fr: "Le numéro de série de TokenInfo est la fin de celui d'EF.SN."
        ) { report in
            guard let lines = report.file("TokenInfo")?.content else { return .open }
            guard let line = lines.first(where: { $0.hasPrefix("  04") }) else { return .fails(found: "-") }
            return line.contains("end of the serial number") ? .holds : .fails(found: line)
        },
        Assumption(
            "token-date", "TokenInfo's date is 16 March 2010, older than the card: it does not tell of updates.",
            fr: "La date de TokenInfo est le 16 mars 2010, avant la carte : elle ne dit rien des mises à jour."
        ) { report in
            guard let line = report.file("TokenInfo")?.content?.first(where: { $0.hasPrefix("  85") }) else {
                return .open
            }
            return line.contains("20100316110000Z") ? .holds : .fails(found: String(line.dropFirst(5)))
        },
        Assumption(
            "token-label", "The token's label is CPS3 or CPS4, a version, a hyphen and ten digits.",
            fr: "Le libellé de la carte est CPS3 ou CPS4, une version, un trait d'union et dix chiffres."
        ) { report in
            guard let line = report.file("TokenInfo")?.content?.first(where: { $0.hasPrefix("  80") }) else {
                return .open
            }
            let name = report.card.model?.prefix(4) ?? "CPS"
            return line.hasPrefix("  80 \"\(name)v") && line.hasSuffix("-##########\"")
                ? .holds : .fails(found: String(line.dropFirst(5)))
        },
        Assumption(
            "token-algorithms",
            "TokenInfo of a CPS3 gives RSA the references 02 for signatures and 1A for deciphering.",
            fr: "TokenInfo d'une CPS3 donne au RSA les références 02 pour signer et 1A pour déchiffrer."
        ) { report in
            guard let lines = report.file("TokenInfo")?.content, let start = lines.firstIndex(of: "  A2") else {
                return .open
            }
            // Of each algorithm the numbers: index, mechanism, reference.
            let numbers = lines[start...].split(separator: "    30").map { entry in
                entry.filter { $0.hasPrefix("      02 ") }.map { String($0.dropFirst("      02 ".count)) }
            }
            let found = numbers.filter { $0.count == 3 && $0[1] == "01" }.compactMap(\.last)
            return found == ["02", "1A"] ? .holds : .fails(found: found.joined(separator: ", "))
        },
        Assumption(
            "public-keys", "The directory of public keys of a CPS3 is empty.",
            fr: "Le répertoire des clés publiques d'une CPS3 est vide."
        ) { report in
            guard report.card.model != "CPS4", let lines = report.file("PuKDF")?.content else { return .open }
            let count = lines.count { $0 == "30" }
            return count == 0 ? .holds : .fails(found: "\(count)")
        },
        Assumption(
            "update-log", "EF_ACTUA of a CPS3 is either missing or may be read by everyone.",
            fr: "EF_ACTUA d'une CPS3 manque, ou chacun peut le lire."
        ) { report in
            guard report.card.model == "CPS3", let file = report.file("EF_ACTUA") else { return .open }
            if file.select == "6A82" || file.read == "9000" || file.read == "6B00" { return .holds }
            return .fails(found: file.read ?? file.select)
        },
        Assumption(
            "malformed-flags",
            "The directory of certificates of a CPS3 has flags with a wrong count of unused bits, 08.",
            fr: "Le répertoire des certificats d'une CPS3 a des indicateurs au nombre de bits inutilisés faux, 08."
        ) { report in
            guard report.card.model == "CPS3", let lines = report.file("CDF")?.content else { return .open }
            return lines.contains { $0.drop { $0 == " " }.hasPrefix("03 08") } ? .holds : .fails(found: "-")
        },
    ]

    private static let pins = [
        Assumption(
            "cps3-pin", "The PIN of a CPS3 has four digits, filled up to eight bytes with FF.",
            fr: "Le code porteur d'une CPS3 a quatre chiffres, complétés par FF jusqu'à huit octets."
        ) { report in
            guard report.card.model == "CPS3", let shape = pinShape(in: report, entry: 0) else { return .open }
            return shape == "0A 01, 02 04, 02 08, 02 04, 80 01, 04 FF" ? .holds : .fails(found: shape)
        },
        Assumption(
            "cps4-pin", "The PIN of a CPS4 has the reference 01 and is not filled up.",
            fr: "Le code porteur d'une CPS4 a la référence 01 et n'est pas complété."
        ) { report in
            guard report.card.model == "CPS4", let flags = pinFlags(in: report, entry: 0),
                let shape = pinShape(in: report, entry: 0)
            else { return .open }
            return report.pins.first?.reference == "01" && flags[5] == false ? .holds : .fails(found: shape)
        },
        Assumption(
            "unblocking-flag", "The unblocking code is the entry with the flag soPin.",
            fr: "Le code de déblocage est l'entrée qui a l'indicateur soPin."
        ) { report in
            guard report.pins.count > 1, let flags = pinFlags(in: report, entry: 1) else { return .open }
            return flags[7] == true ? .holds : .fails(found: "\(report.pins[1].label) \(report.pins[1].reference)")
        },
        Assumption(
            "unblocking-limits",
            "A CPS3 allows ten wrong unblocking codes and one hundred uses; it tells them as 9A, 9B, 9D.",
            fr: "Une CPS3 permet dix codes de déblocage faux et cent emplois ; elle les dit en 9A, 9B, 9D."
        ) { report in
            guard report.card.model == "CPS3", report.pins.count > 1, let lines = report.pins[1].answer else {
                return .open
            }
            let values = lines.map { String($0.drop { $0 == " " }) }.filter { $0.hasPrefix("9") }
            let isKnown =
                values.count == 3 && values[0] == "9A 0A" && values[1].hasPrefix("9B ") && values[2].hasPrefix("9D 00 ")
            return isKnown ? .holds : .fails(found: values.joined(separator: ", "))
        },
    ]

    // MARK: Looking into a report

    private static func status(
        of form: String, in report: CardReport, isOne: (String) -> Bool
    ) -> Verdict {
        guard let form = report.form(form) else { return .open }
        return isOne(form.status) ? .holds : .fails(found: form.status)
    }

    private static func paths(_ report: CardReport, _ expected: [(kind: String, identifier: String)]) -> Verdict {
        for (kind, identifier) in expected {
            guard let file = report.file(kind), file.select == "9000" else { return .fails(found: "\(kind) -") }
            guard file.path == "3F00/0001/\(identifier)" else { return .fails(found: "\(kind) \(file.path)") }
        }
        return .holds
    }

    /// The lines of one entry of the AODF.
    private static func pinEntry(in report: CardReport, entry: Int) -> ArraySlice<String>? {
        guard let lines = report.file("AODF")?.content else { return nil }
        let starts = lines.indices.filter { lines[$0] == "30" } + [lines.count]
        return entry + 1 < starts.count ? lines[starts[entry]..<starts[entry + 1]] : nil
    }

    /// The attributes of a PIN behind its flags.
    private static func pinAttributes(in report: CardReport, entry: Int) -> [String]? {
        guard let lines = pinEntry(in: report, entry: entry), let type = lines.firstIndex(of: "  A1") else {
            return nil
        }
        return lines[(type + 1)...].filter { $0.hasPrefix("      ") }.map { String($0.drop { $0 == " " }) }
    }

    private static func pinShape(in report: CardReport, entry: Int) -> String? {
        pinAttributes(in: report, entry: entry).map { $0.dropFirst().joined(separator: ", ") }
    }

    /// pinFlags by bit number.
    private static func pinFlags(in report: CardReport, entry: Int) -> [Int: Bool]? {
        guard let first = pinAttributes(in: report, entry: entry)?.first, first.hasPrefix("03 "),
            let bytes = Hexadecimal.decode(first.dropFirst(3))
        else { return nil }
        var flags: [Int: Bool] = [:]
        for bit in 0..<16 {
            let octet = bit / 8 + 1
            flags[bit] = octet < bytes.count && bytes[octet] & (0x80 >> UInt8(bit % 8)) != 0
        }
        return flags
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
