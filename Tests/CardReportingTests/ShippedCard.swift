// SPDX-License-Identifier: Apache-2.0

import CardReport
import CardReporting
import Foundation
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPSTestSupport

import enum CPSCard.CardModel
import struct VirtualCPS.CardCredentials
import struct VirtualCPS.CardProfile
import enum VirtualCPS.DescribedCard
import class VirtualCPS.VirtualCard

/// A profile that ships with the project.
struct ShippedCard: CustomTestStringConvertible, Sendable {
    let name: String

    init(_ name: String) { self.name = name }

    var testDescription: String { name }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let folder = root.appendingPathComponent("Sources/cps-virtual-card/Profiles")

    /// All profiles of CPS cards.
    static let all: [ShippedCard] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { ShippedCard(String($0.dropLast(5))) }
            .filter { (try? $0.profile) != nil }
    }()

    static func document(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    static let reports = root.appendingPathComponent("Tests/Cards/Reports")

    /// The names of the files there.
    static let storedReports: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: reports.path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted()
    }()

    var profile: CardProfile {
        get throws {
            try CardProfile(
                parsing: Array(Data(contentsOf: ShippedCard.folder.appendingPathComponent("\(name).json"))))
        }
    }

    /// The card in a reader of this process.
    func inserted(
        options: VirtualCard.Options = .init(), change: (inout CardProfile) -> Void = { _ in }
    ) throws -> InsertedCard {
        var profile = try profile
        let credentials = try CardCredentials.selfSigned(for: profile)
        change(&profile)
        return try InsertedCard(profile, credentials, options)
    }
}

/// A card, its reader and what is about its holder.
struct InsertedCard {
    let reader = InProcessReaders([TestReader.name])
    let card: VirtualCard
    private let profile: CardProfile
    private let credentials: CardCredentials

    init(_ profile: CardProfile, _ credentials: CardCredentials, _ options: VirtualCard.Options) throws {
        card = try VirtualCard(profile: profile, credentials: credentials, options: options)
        (self.profile, self.credentials) = (profile, credentials)
        reader.insert(card, into: TestReader.name)
    }

    func report() throws -> CardReport {
        let channel = try reader.connect(to: TestReader.name)
        defer { channel.disconnect() }
        guard let model = CardModel(atr: card.atr) else { throw TestReader.TestError.path("no CPS card") }
        var reporter = CardReporter(model: model, answerToReset: card.atr, channel: channel, program: "test")
        return try reporter.makeReport()
    }

    func otherProgram() throws -> OtherProgram { OtherProgram(try reader.connect(to: TestReader.name)) }

    /// Whether a file behind the PIN can be read, without a selection of the applet.
    func isOpen(_ kind: CardKind) throws -> Bool {
        let select = kind == .cps3 ? "00A4090C063F000001D120" : "01A40800040001D120"
        let read = kind == .cps3 ? "00B0000002" : "01B0000002"
        return try otherProgram().send(select, read)[1].hasSuffix("9000")
    }

    /// The bytes of certificates, of data objects, and of the card's numbers.
    var personalBytes: [[UInt8]] {
        let numbers = [
            hex(profile.serial), hex(profile.cardNumber), Array(profile.serial.utf8), Array(profile.cardNumber.utf8),
        ]
        return Array(credentials.certificates.values) + card.dataContents + numbers
    }

    /// Words and numbers that are the holder's.
    var personalWords: [String] {
        let holder = profile.holder
        let activities = profile.activities.flatMap { [$0.structureName, $0.structureIdentifier] }
        let own = [profile.serial, profile.cardNumber, holder.familyName, holder.givenName, holder.identifier]
        return
            (own + [holder.pseudonym, profile.organisation?.name, profile.organisation?.identifier].compactMap { $0 }
            + activities).filter { $0.utf8.count >= 4 }
    }
}

extension CardKind {
    /// The card's model in reports.
    var modelName: String {
        switch self {
        case .cps3: "CPS3"
        case .cps4: "CPS4"
        case .contactless: "CPS3 contactless"
        }
    }
}

extension CardReport {
    /// The same for certificates of other lengths: those of the tests are made anew each time.
    var withoutCertificateSizes: CardReport {
        var copy = self
        for index in copy.files.indices where copy.files[index].kind == "certificate" { copy.files[index].size = nil }
        return copy
    }

    /// All texts that come from the card.
    var texts: [String] {
        var texts = [card.answerToReset]
        for file in files {
            texts.append(file.label ?? "")
            texts += file.control ?? []
            texts += file.content ?? []
        }
        for pin in pins {
            texts.append(pin.label)
            texts += pin.answer ?? []
        }
        return texts + forms.map(\.command)
    }
}

extension [UInt8] {
    /// All runs of four bytes.
    var windows: [UInt32] {
        var window: UInt32 = 0
        return enumerated().compactMap { index, byte in
            window = window << 8 | UInt32(byte)
            return index < 3 ? nil : window
        }
    }
}
