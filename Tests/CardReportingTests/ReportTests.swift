// SPDX-License-Identifier: Apache-2.0

import CardReport
@testable import CardReporting
import Foundation
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

import struct VirtualCPS.CardLikeness
import struct VirtualCPS.FileDamage
import class VirtualCPS.VirtualCard
import struct VirtualCPS.VirtualFilePath

@Suite("Reports on cards")
struct ReportTests {
    @Test("A card like the one of a report has the same report", arguments: ShippedCard.all)
    func reportOfLikeness(_ shipped: ShippedCard) throws {
        let original = try shipped.inserted()
        let report = try original.report()
        let likeness = try CardLikeness(CardReport(json: report.json))
        var options = VirtualCard.Options()
        options.likeness = likeness
        let copy = try shipped.inserted(options: options)
        let again = try copy.report()
        #expect(again.differences(from: report) == [])
        #expect(again.withoutTimes == report.withoutTimes)
    }

    @Test("The labels of the known cards are shown", arguments: ShippedCard.all)
    func labels(_ shipped: ShippedCard) throws {
        let labels = try shipped.inserted().report().files.compactMap(\.label)
        #expect(labels.count >= 5)
        #expect(labels.filter { $0.contains("?") } == [])
    }

    /// With CPS_WRITE_REPORTS=1 in the environment, they are written first.
    @Test("The stored reports of shipped profiles are those of today", arguments: CardKind.allCases)
    func storedReport(_ kind: CardKind) throws {
        let report = try ShippedCard(kind.rawValue).inserted().report()
        let file = ShippedCard.reports.appendingPathComponent("\(kind.rawValue).json")
        if ProcessInfo.processInfo.environment["CPS_WRITE_REPORTS"] != nil {
            try Data(report.withoutTimes.json).write(to: file)
        }
        let stored = try CardReport(json: Array(Data(contentsOf: file)))
        #expect(report.withoutCertificateSizes.differences(from: stored.withoutCertificateSizes) == [])
    }

    /// Also those of real cards.
    @Test("A card like a stored report has the same report", arguments: ShippedCard.storedReports)
    func likenessOfStoredReport(_ name: String) throws {
        let file = ShippedCard.reports.appendingPathComponent(name)
        let report = try CardReport(json: Array(Data(contentsOf: file)))
        let kind = try #require(CardKind.allCases.first { $0.modelName == report.card.model })
        var options = VirtualCard.Options()
        options.likeness = try CardLikeness(report)
        let again = try ShippedCard(kind.rawValue).inserted(options: options).report()
        #expect(again.withoutCertificateSizes.differences(from: report.withoutCertificateSizes) == [])
    }

    @Test("There are stored reports")
    func storedReports() { #expect(ShippedCard.storedReports.count >= CardKind.allCases.count) }

    @Test("Two people's cards of one shape have the same report", arguments: CardKind.allCases)
    func anotherPerson(_ kind: CardKind) throws {
        let first = try ShippedCard(kind.rawValue).inserted().report()
        let second = try ShippedCard(kind.rawValue).inserted { profile in
            profile.serial = "12345678"
            profile.cardNumber = "9876543210"
            profile.holder.familyName = "ZWETSCHGENBAUM"
            profile.holder.givenName = "QUITTERIE"
            profile.holder.identifier = "10203040506"
            profile.activities = profile.activities.map { activity in
                var activity = activity
                activity.structureName = "CABINET XYLOPHONE"
                activity.structureIdentifier = "1234567890"
                return activity
            }
        }.report()
        #expect(second.withoutTimes == first.withoutTimes)
    }

    @Test("Nothing of a certificate, of data or of the card's numbers is in a report", arguments: ShippedCard.all)
    func nothingPersonal(_ shipped: ShippedCard) throws {
        let card = try shipped.inserted()
        let report = try card.report()
        var values: [[UInt8]] = []
        for file in report.files {
            for line in (file.control ?? []) + (file.content ?? []) { values += ReportTests.shownBytes(line) }
        }
        let issuer: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01]
        let shown = Set(values.flatMap(\.windows))
        #expect(shown.isSuperset(of: issuer.windows))
        // One byte four times is padding. The issuer's number is also the beginning of each serial number.
        let personal = Set(card.personalBytes.flatMap(\.windows)).filter { $0 != ($0 & 0xFF) &* 0x0101_0101 }
            .subtracting(issuer.windows)
        #expect(shown.intersection(personal) == [])
        let texts = report.texts.joined(separator: "\n")
        #expect(card.personalWords.filter { texts.contains($0) } == [])
    }

    /// The bytes that a line shows, as they are on the card.
    private static func shownBytes(_ line: String) -> [[UInt8]] {
        let line = line.drop { $0 == " " }
        let value = line.split(separator: " ", maxSplits: 1).dropFirst().first ?? ""
        if value.first == "<" { return [] }
        // Texts are of known words only (PublicText), of which a certificate may have one too: see personalWords.
        if value.first == "\"" { return [] }
        // Object identifiers name algorithms.
        if value.contains(".") { return [] }
        return [Hexadecimal.decode(value) ?? []]
    }

    @Test("Only the listed commands are sent", arguments: ShippedCard.all)
    func commands(_ shipped: ShippedCard) throws {
        let card = try shipped.inserted()
        _ = try card.report()
        for command in card.reader.commands {
            let bytes = hex(command)
            #expect(PermittedCommand(bytes) != nil, "\(command)")
            #expect(bytes[1] != 0x20 || bytes.count <= 5, "a PIN is presented: \(command)")
        }
    }

    @Test(
        "What is not on the list is refused",
        arguments: [
            "0020000104313233 34", "002000010431323334", "012000010431323334", "0020000100", "00D60000 01 FF",
            "002C020104",
            "0024000108", "0044000000", "00E4000002D107", "A0A40000023F00", "0070000001", "00B0800001", "0088000000",
            "01200001 01", "00CB3FFF00", "00CB3FFF0A4D087006BF810102A081", "00A4040408802500 0001FF0002",
            "02A4000C023F00",
            "00B00000 01FF", "00", "",
        ])
    func refused(_ command: String) { #expect(PermittedCommand(hex(command)) == nil) }

    @Test("On a card with one try left nothing changes", arguments: CardKind.contacts)
    func lastTry(_ kind: CardKind) throws {
        let card = try ShippedCard(kind.rawValue).inserted { profile in
            profile.pin.triesLeft = 1
            profile.puk.triesLeft = 1
        }
        let before = card.card.state
        let report = try card.report()
        #expect(card.card.state == before)
        #expect(report.pins.count == 2)
    }

    @Test("Another program's login stays", arguments: CardKind.contacts)
    func login(_ kind: CardKind) throws {
        let card = try ShippedCard(kind.rawValue).inserted()
        let otherProgram = try card.otherProgram()
        let verify = kind == .cps3 ? "0020000108 31323334FFFFFFFF" : "0120000104 31323334"
        if kind == .cps4 { try otherProgram.send("01A4040C088025000001FF0100") }
        #expect(try otherProgram.send(verify.filter { $0 != " " }) == ["9000"])
        _ = try card.report()
        #expect(try card.isOpen(kind))
    }

    @Test("The document lists the commands that may be sent")
    func documentedCommands() throws {
        let page = try ShippedCard.document("docs/architecture.md")
        for command in PermittedCommand.allCases {
            #expect(page.contains("`\(command.pattern)`"), "\(command.pattern)")
        }
        let section =
            page.components(separatedBy: "## A card's report").last?.components(separatedBy: "\n## ").first ?? ""
        let listed = section.components(separatedBy: "\n").filter { $0.hasPrefix("| `") }
        #expect(listed.count == PermittedCommand.allCases.count)
    }

    @Test("The document lists the open questions")
    func documentedAssumptions() throws {
        let page = try ShippedCard.document("docs/cards.md")
        let section = page.components(separatedBy: "### 9.5 ").last?.components(separatedBy: "\n## ").first ?? ""
        let rows = section.components(separatedBy: "\n").filter { $0.hasPrefix("| `") }
        let expected = Assumption.all.map { "| `\($0.name)` | \($0.statement.english) |" }
        for (row, beginning) in zip(rows, expected) { #expect(row.hasPrefix(beginning), "\(beginning)") }
        #expect(rows.count == expected.count)
    }

    @Test(
        "All assumptions hold or are not seen on the virtual cards, which are made by them", arguments: ShippedCard.all)
    func assumptions(_ shipped: ShippedCard) throws {
        let report = try shipped.inserted().report()
        for assumption in Assumption.all {
            if case .fails(let found) = assumption.verdict(on: report) {
                Issue.record("\(assumption.name): \(found)")
            }
        }
    }

    @Test("What is special about a card is in its report, and a card like it is special too")
    func specialCards() throws {
        var options = VirtualCard.Options()
        options.refusesSilentFileSelection = true
        options.wantsSelectionFetched = true
        options.hidesSerialNumber = true
        let shipped = ShippedCard("doctor-cps3")
        let report = try shipped.inserted(options: options) { $0.pin.block = .unpadded }.report()
        let failed = Assumption.all.filter { if case .fails = $0.verdict(on: report) { true } else { false } }.map(
            \.name)
        #expect(failed == ["silent-select", "unfetched-select", "token-serial", "cps3-pin"])
        var copied = VirtualCard.Options()
        copied.likeness = try CardLikeness(report)
        #expect(try shipped.inserted(options: copied).report().differences(from: report) == [])
    }
}

@Suite("What a report hides")
struct HiddenTests {
    private static let damage: [(path: String, bytes: String)] = [
        // The chip's number in place of its kind.
        ("2F01", "80 43 01 B8 46 08 01 02 03 04 05 06 07 08 82 02 90 00"),
        // Not as the standard has it.
        ("2F01", "43 01 B8 46 08 01 02 03 04 05 06 07 08"),
        ("2F01", "80 FE 12 34 56 78 9A"),
        // A label with a name, one with a number in parts, and a value that is no path.
        (
            "0001/7006",
            "30 12 30 09 0C 07 44 55 50 4F 4E 54 31 A1 05 30 03 04 01 00 30 0F 30 0D 0C 0B 31 32 20 33 34 20 35 36 20 37 38"
        ),
        ("0001/7005", "30 0A 30 08 04 06 01 02 03 04 05 06 04 04 01 02 03 04 30 84 12 34 56 78 01 02"),
        // Two hidden values that differ, and one of them again.
        ("2F00", "61 12 4F 04 01 02 03 04 50 04 05 06 07 08 51 04 01 02 03 04 00 00 00"),
        ("0001/5032", "30 1A 02 01 00 04 08 01 02 03 04 05 06 07 08 80 0B 44 55 50 4F 4E 54 20 4A 45 41 4E"),
    ]

    @Test(
        "Of unknown values only the length is shown, and a card like it has the same report", arguments: damage.indices)
    func unknownValues(_ index: Int) throws {
        let (path, text) = HiddenTests.damage[index]
        let place = try #require(VirtualFilePath(parsing: path))
        var options = VirtualCard.Options()
        options.damage = [FileDamage(path: place, kind: .replaced(hex(text.filter { $0 != " " })))]
        let shipped = ShippedCard("doctor-cps3")
        let report = try shipped.inserted(options: options).report()
        let file = try #require(report.files.first { $0.path.hasSuffix(path) })
        let lines = try #require(file.content).joined(separator: "\n")
        for secret in ["01 02 03 04", "05 06 07 08", "12 34 56", "DUPONT", "JEAN", "12 34"] {
            #expect(!lines.contains(secret), "\(lines)")
        }
        var copied = VirtualCard.Options()
        copied.likeness = try CardLikeness(report)
        #expect(try shipped.inserted(options: copied).report().differences(from: report) == [])
    }

    @Test(
        "Labels show known words, and numbers with at most two digits",
        arguments: [
            ("CPS_ACTIVITY_16_PS", "CPS_ACTIVITY_16_PS"), ("CPS4v9-2600000004", "CPS4v9-##########"),
            ("Certificat d'Authentification CPS", "Certificat d'Authentification CPS"),
            ("Carte de Zoé", "Carte de ????"),
            ("12 34 56 78", "## ## ## ##"), ("DUPONT1", "???????"), ("", ""),
        ])
    func labels(_ text: String, _ shown: String) { #expect(PublicText.shown(Array(text.utf8)) == shown) }

    @Test("A text with other characters is not shown", arguments: ["CPS\u{1B}[31m", "CPS\"", "CPS\n", "CPS|1"])
    func otherCharacters(_ text: String) { #expect(PublicText.shown(Array(text.utf8)) == nil) }
}

@Suite("Lines of data objects")
struct DataTreeTests {
    @Test(
        "Lines become the same bytes again",
        arguments: [
            "300E0C0C4350535F505249565F534947", "0609608648016503040201", "A0023000", "5A0A80250000019921384500", "",
            "30060404AABBCCDD0000000000", "800130", "3003020105FFFF",
        ])
    func roundTrip(_ text: String) {
        let bytes = hex(text)
        var hidden: [String: [UInt8]] = [:]
        let lines = DataTree.lines(of: bytes) { tag, value, _ in
            if tag == 0x06 { return .objectIdentifier(value) }
            if tag == 0x0C { return .text(String(decoding: value, as: UTF8.self)) }
            guard value.count > 3 else { return .bytes(value) }
            hidden["A"] = value
            return .hidden(count: value.count, name: "A")
        }
        #expect(DataTree.bytes(of: lines) { _, name in hidden[name] ?? [] } == bytes, "\(lines)")
    }

    @Test(
        "Lines that are wrong become no bytes",
        arguments: [
            "XY", "30 <a bytes: A>", "padding 99999 bytes of 00", "06 1.x", "  30", "04 \"", "rest", "0102030405 00",
        ])
    func wrongLines(_ line: String) { #expect(DataTree.bytes(of: [line]) { _, _ in [] } == nil) }

    @Test("Lines of any depth and number are bounded")
    func boundedLines() {
        let deep = (0..<1000).map { String(repeating: "  ", count: $0) + "30" }
        #expect(DataTree.bytes(of: deep) { _, _ in [] } == nil)
        let many = [String](repeating: "04 <32000 bytes: A>", count: 1000)
        #expect(DataTree.bytes(of: many) { count, _ in [UInt8](repeating: 0, count: count) } == nil)
    }

    @Test("Data objects of any depth become lines")
    func deepObjects() {
        var bytes: [UInt8] = []
        for _ in 0..<1000 { bytes = BERTLV.encode(tag: 0x30, bytes) }
        let lines = DataTree.lines(of: bytes) { _, value, _ in .hidden(count: value.count, name: "A") }
        #expect(lines.count < 20)
    }
}
