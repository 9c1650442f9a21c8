// SPDX-License-Identifier: Apache-2.0

import CardReport
import ISO7816
import Messages
import SmartCardBytes

/// The shape of another card, from its report: where its files are, what its directories say, which commands it
/// takes. The holder's data, keys and certificates are those of the profile.
public struct CardLikeness: Sendable {
    /// The report that the card is made from.
    public let report: CardReport
    /// The card's generation; nil for a card that is no CPS card.
    public let generation: CardGeneration?
    /// The card's answer to reset.
    public let atr: [UInt8]
    /// Another answer to a reset without power-off; nil for the same, or if the report has none.
    public let warmATR: [UInt8]?
    /// The protocol over which the report was made; nil for a card that is no CPS card.
    public let transport: TransportProtocol?
    /// The files of the report, by path.
    let files: [VirtualFilePath: CardReport.File]
    let references: ReferenceTranslation

    /// - Throws: `VirtualCardError` for a report that names no card of ours, or with lines that cannot be understood.
    public init(_ report: CardReport) throws(VirtualCardError) {
        self.report = report
        guard let atr = Hexadecimal.decode(report.card.answerToReset), (2...33).contains(atr.count) else {
            throw CardLikeness.unusable("card.answerToReset")
        }
        self.atr = atr
        warmATR = try report.card.warmAnswerToReset.map { (text) throws(VirtualCardError) in
            guard let warm = Hexadecimal.decode(text), (2...33).contains(warm.count) else {
                throw CardLikeness.unusable("card.warmAnswerToReset")
            }
            return warm
        }
        switch report.card.model {
        case "CPS3": generation = .cps3
        case "CPS3 contactless": generation = .cps3Contactless
        case "CPS4": generation = .cps4
        case nil: generation = nil
        default: throw CardLikeness.unusable("card.model")
        }
        switch report.card.transport {
        case "T=0": transport = .t0
        case "T=1": transport = .t1
        default: transport = nil
        }
        var files: [VirtualFilePath: CardReport.File] = [:]
        for file in report.files {
            guard let path = VirtualFilePath(parsing: file.path) else { throw CardLikeness.unusable(file.path) }
            files[path] = file
        }
        self.files = files
        references = ReferenceTranslation(report)
    }

    static func unusable(_ place: String) -> VirtualCardError {
        VirtualCardError(Message("the report cannot be used: \(place)", fr: "le rapport est inutilisable : \(place)"))
    }

    // MARK: The profile

    /// The profile with the state that the report tells: retry counters, how the PIN is presented, EF_ACTUA.
    public func applied(to profile: CardProfile) -> CardProfile {
        guard let generation else { return profile }
        var profile = profile.of(generation)
        if let pin = report.pins.first, let counter = PINCounter(pin) { profile.pin.triesLeft = counter.left }
        if report.pins.count > 1, let counter = PINCounter(report.pins[1]) {
            profile.puk.triesLeft = counter.left
            if let uses = counter.usesLeft { profile.puk.usesLeft = uses }
        }
        if let isPadded { profile.pin.block = isPadded ? .padded : .unpadded }
        if generation != .cps4, let log = report.files.first(where: { $0.kind == "EF_ACTUA" }) {
            let isThere = log.select == "9000"
            if !isThere { profile.updateLog = .none }
            if isThere, profile.updateLog == .none { profile.updateLog = .present }
        }
        return profile
    }

    /// Whether the PIN is padded, by its flag in the AODF; nil if the report does not tell.
    private var isPadded: Bool? {
        guard let lines = report.files.first(where: { $0.kind == "AODF" })?.content,
            let bytes = DataTree.bytes(of: lines, fill: { count, _ in [UInt8](repeating: 0, count: count) })
        else { return nil }
        var reader = BERTLVReader(bytes)
        guard let entry = try? reader.next(), let type = try? entry.children.first(tag: 0xA1),
            let attributes = try? type.children.first(tag: DER.sequence),
            let flags = try? attributes.children.first(tag: DER.bitString)
        else { return nil }
        return flags.namedBits()[5]
    }

    // MARK: Forms of commands

    /// The status word with which the card refuses a command, if the report says so of this form and `card` would
    /// take it.
    func refusal(of command: CardCommand, selecting file: CardFile?) -> StatusWord? {
        guard let name = formName(of: command, selecting: file), let status = report.form(name)?.status,
            !["90", "61", "6C"].contains(status.prefix(2)), let number = UInt16(status, radix: 16)
        else { return nil }
        return StatusWord(rawValue: number)
    }

    private func formName(of command: CardCommand, selecting file: CardFile?) -> String? {
        guard command.ins == 0xA4, let file else { return nil }
        if file.isDirectory { return nil }
        switch (command.p1, command.p2) {
        case (0x08, 0x00), (0x09, 0x04): return "select-file"
        case (0x08, 0x0C), (0x09, 0x0C): return "select-file-no-answer"
        case (0x08, 0x04): return "select-file-04"
        case (0x00, 0x00), (0x02, 0x04): return "select-identifier"
        default: return nil
        }
    }

    /// The most bytes that READ BINARY gives at once.
    var longestRead: Int {
        guard let form = report.form("read-256"), let count = form.byteCount, count < 256 else { return 256 }
        return max(count, 1)
    }

    /// Whether a file is read only after the answer to its SELECT was fetched.
    var wantsSelectionFetched: Bool { report.form("read-unfetched")?.status == "6985" }
}

/// The retry counter of a PIN, from the answer in a report.
struct PINCounter {
    let left: Int
    let maximum: Int?
    let usesLeft: Int?

    init?(_ pin: CardReport.PIN) {
        if let lines = pin.answer {
            func value(_ tag: String) -> Int? {
                lines.lazy.map { $0.drop { $0 == " " } }.first { $0.hasPrefix("\(tag) ") }
                    .flatMap { Hexadecimal.decode($0.dropFirst(3)) }.map { $0.reduce(0) { $0 << 8 | Int($1) } }
            }
            guard let left = value("9B") else { return nil }
            (self.left, maximum, usesLeft) = (min(left, 15), value("9A"), value("9D"))
        } else if pin.status.hasPrefix("63C"), let left = Int(pin.status.suffix(1), radix: 16) {
            (self.left, maximum, usesLeft) = (left, nil, nil)
        } else if pin.status == "6983" {
            (left, maximum, usesLeft) = (0, nil, nil)
        } else {
            return nil
        }
    }
}

/// References of keys and PINs: those of the report on the outside, those of the generation within.
struct ReferenceTranslation: Sendable {
    /// From outside to inside.
    private var pins: [UInt8: UInt8] = [:]
    private var keys: [UInt8: UInt8] = [:]

    init(_ report: CardReport) {
        for (pin, own) in zip(report.pins, [0x01, 0x02] as [UInt8]) {
            if let reference = Hexadecimal.decode(pin.reference)?.last, reference != own { pins[reference] = own }
        }
        let isCPS4 = report.card.model == "CPS4"
        for (label, reference) in ReferenceTranslation.keyReferences(in: report) {
            let own: UInt8? =
                label.contains("SIG")
                ? (isCPS4 ? 0x10 : 0x81)
                : label.contains("TECH") ? 0x83 : label.contains("AUT") ? (isCPS4 ? 0x20 : 0x82) : nil
            if let own, own != reference { keys[reference] = own }
        }
    }

    /// Label and keyReference of each entry of the PrKDF.
    private static func keyReferences(in report: CardReport) -> [(String, UInt8)] {
        guard let lines = report.files.first(where: { $0.kind == "PrKDF" })?.content,
            let bytes = DataTree.bytes(of: lines, fill: { count, _ in [UInt8](repeating: 0, count: count) })
        else { return [] }
        var found: [(String, UInt8)] = []
        var reader = BERTLVReader(bytes)
        while let entry = try? reader.next(), entry.tag == DER.sequence {
            var parts = entry.children
            guard let common = try? parts.next(), let attributes = try? parts.next(),
                let label = try? common.children.first(tag: DER.utf8String),
                let reference = try? attributes.children.first(tag: DER.integer)?.value.last
            else { continue }
            found.append((label.text(), reference))
        }
        return found
    }

    /// The command with the references of the generation.
    func inner(_ command: CardCommand) -> CardCommand {
        guard !pins.isEmpty || !keys.isEmpty else { return command }
        var command = command
        switch command.ins {
        case 0x20, 0x24: command.p2 = pins[command.p2] ?? command.p2
        case 0x2C:
            let bit = command.p2 & 0x80
            command.p2 = pins[command.p2] ?? pins[command.p2 & 0x7F].map { $0 | bit } ?? command.p2
        case 0xCB where command.data.count == 10: command.data[6] = pins[command.data[6]] ?? command.data[6]
        case 0x22 where !command.data.isEmpty && command.p2 != 0xAA:
            let last = command.data.count - 1
            let reference = command.data[last]
            command.data[last] = keys[reference] ?? keys[reference & 0x7F].map { $0 | reference & 0x80 } ?? reference
        default: break
        }
        return command
    }
}
