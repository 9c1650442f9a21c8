// SPDX-License-Identifier: Apache-2.0

import CPSCard
import CardReport
import ISO7816
import SmartCardBytes

/// Looks at a card and makes its report. All commands go through `PermittedChannel`; each file is one transaction, so
/// that other programs can use the card in between.
public struct CardReporter {
    let model: CardModel
    let channel: PermittedChannel
    let exchange: CommandExchange
    var report: CardReport
    var shown = ShownLeaf()

    /// The commands that were sent so far.
    public var sentCommands: [PermittedCommand] { channel.sent }

    /// - Parameters:
    ///   - warmAnswerToReset: the answer to a reset without power-off, if the card was reset so.
    ///   - channel: a shared connection, which is left open.
    ///   - program: the name and version of the program that makes the report.
    public init(
        model: CardModel, answerToReset: [UInt8], warmAnswerToReset: [UInt8]? = nil, channel: any CardChannel,
        program: String
    ) {
        self.model = model
        self.channel = PermittedChannel(channel)
        // What every card gives. More is tried once, as a form of its own.
        exchange = CommandExchange(channel: self.channel, maximumResponseLength: 231)
        report = CardReporter.reportOfAnswerToReset(answerToReset, warm: warmAnswerToReset, program: program)
        report.card.model = model.reportName
        report.card.transport = channel.transportProtocol == .t0 ? "T=0" : "T=1"
    }

    /// The report of a card that is no CPS card: it is sent nothing.
    public static func reportOfAnswerToReset(
        _ answerToReset: [UInt8], warm: [UInt8]? = nil, program: String
    ) -> CardReport {
        var card = CardReport.Card(
            model: nil, answerToReset: Hexadecimal.encode(answerToReset, separator: " "), transport: nil)
        card.warmAnswerToReset = warm.map { Hexadecimal.encode($0, separator: " ") }
        return CardReport(about: about, program: program, card: card)
    }

    static let about = CardReport.About(
        english: """
            In this file: how the card is made (answer to reset, files with their labels, access rules and rounded \
            sizes, among them how many activities there are, retry counters, which commands it takes and how fast). \
            Not in this file: names, the card's number and serial number, certificates, the content of data objects, \
            PINs. No PIN was asked for, and nothing was written.
            """,
        french: """
            Dans ce fichier : la façon dont la carte est faite (réponse au reset, fichiers avec leurs libellés, \
            droits d'accès et tailles arrondies, dont le nombre de situations d'exercice, essais restants, commandes \
            acceptées et leur durée). Pas dans ce fichier : noms, numéro et numéro de série de la carte, certificats, \
            contenu des données, codes. Aucun code n'a été demandé, rien n'a été écrit.
            """)

    /// Looks at everything.
    /// - Throws: `ChannelError`: the card was removed, or another program held it for too long.
    public mutating func makeReport() throws(ChannelError) -> CardReport {
        try readFixedFiles()
        try readDirectories()
        try readObjects()
        try readRetryCounters()
        try tryForms()
        return report
    }

    // MARK: Files

    private mutating func readFixedFiles() throws(ChannelError) {
        try note([], "MF", as: nil)
        try note([0xD0, 0x03], "EF.SN", as: .serialNumber)
        try note([0x2F, 0x00], "EF.DIR", as: .directory)
        try note([0x2F, 0x01], "EF.ATR", as: .directory)
        try note([0xD0, 0x10], "EF_ACTUA", as: nil)
    }

    private mutating func readDirectories() throws(ChannelError) {
        let application = applicationPath
        try note(application, "application", as: nil)
        try note(application + [0x50, 0x31], "ODF", as: .directory)
        try note(application + [0x50, 0x32], "TokenInfo", as: .tokenInfo)
        let kinds: [UInt32: String] = [
            0xA0: "PrKDF", 0xA1: "PuKDF", 0xA2: "PuKDF", 0xA3: "SKDF", 0xA4: "CDF", 0xA5: "CDF", 0xA6: "CDF",
            0xA7: "DODF",
            0xA8: "AODF",
        ]
        var reader = BERTLVReader(contents["ODF"] ?? [])
        while let entry = try? reader.next(), let kind = kinds[entry.tag] {
            guard let path = CardReporter.firstPath(in: entry), files.count < CardReporter.mostFiles else { continue }
            try note(absolute(path), kind, as: .directory)
        }
    }

    /// The files that directories lead to. Of none of them the content is reported.
    private mutating func readObjects() throws(ChannelError) {
        for (directory, kind) in [("PrKDF", "key"), ("PuKDF", "key"), ("CDF", "certificate"), ("DODF", "data object")] {
            var reader = BERTLVReader(contents[directory] ?? [])
            while let entry = try? reader.next(), entry.tag == DER.sequence {
                guard let path = CardReporter.typePath(in: entry), files.count < CardReporter.mostFiles else {
                    continue
                }
                try note(absolute(path), kind, as: nil, label: CardReporter.label(of: entry))
            }
        }
    }

    /// The paths of files that are in the report already.
    var files: Set<String> = []
    /// The files that are read whole, by kind.
    var contents: [String: [UInt8]] = [:]

    private static let mostFiles = 96
    /// No directory of a known card has half of this.
    private static let mostBytes = 8192

    /// Selects a file, reads it if its content may be shown, and puts it into the report.
    private mutating func note(
        _ path: [UInt8], _ kind: String, as place: ShownLeaf.Place?, label: String? = nil
    ) throws(ChannelError) {
        let name = ([0x3F, 0x00] + path).pathText
        guard files.insert(name).inserted else { return }
        let start = ContinuousClock.now
        _ = try channel.beginTransaction()
        defer { channel.endTransaction() }
        let answer = try select(path)
        var file = CardReport.File(path: name, kind: kind, label: label, select: "\(answer.status)")
        if answer.status.isSuccess {
            file.control = DataTree.lines(of: answer.data) { shown.leaf($0, $1, level: $2, in: .control) }
            let size = (try? FileControlParameters(parsing: answer.data))?.size
            let isDirectory = kind == "MF" || kind == "application"
            if let place {
                try read(&file, size: size, place)
            } else if !isDirectory {
                try lookAtObject(&file, size: size)
            }
        }
        file.milliseconds = start.duration(to: .now).milliseconds
        report.files.append(file)
    }

    private mutating func read(
        _ file: inout CardReport.File, size: Int?, _ place: ShownLeaf.Place
    ) throws(ChannelError) {
        file.size = size
        var content: [UInt8] = []
        while content.count < min(size ?? CardReporter.mostBytes, CardReporter.mostBytes) {
            let wanted = min((size ?? .max) - content.count, 231)
            let answer = try exchange.send(
                CommandAPDU(
                    applicationClass, 0xB0, UInt8(truncatingIfNeeded: content.count >> 8),
                    UInt8(truncatingIfNeeded: content.count), expectedLength: wanted))
            file.read = "\(answer.status)"
            content += answer.data
            if answer.data.count < wanted || !answer.status.isSuccess { break }
        }
        guard !content.isEmpty else { return }
        if contents[file.kind] == nil { contents[file.kind] = content }
        var lines: [String] = []
        var objects = content
        // The category indicator of EF.ATR (ISO/IEC 7816-4 §8.1.1).
        if file.kind == "EF.ATR", content.first == 0x80 {
            lines.append(DataTree.line(ofPlainByte: objects.removeFirst()))
        }
        lines += DataTree.lines(of: objects) { shown.leaf($0, $1, level: $2, in: place) }
        file.content = lines
        let again = DataTree.bytes(of: lines) { count, _ in [UInt8](repeating: 0, count: count) }
        if again?.count != content.count { file.isContentExact = false }
    }

    /// Notes whether a file may be read, from its first byte, which is not kept, and about how long it is.
    private func lookAtObject(_ file: inout CardReport.File, size: Int?) throws(ChannelError) {
        var answer = try exchange.send(CommandAPDU(applicationClass, 0xB0, 0, 0, expectedLength: 1))
        answer.data.wipe()
        file.read = "\(answer.status)"
        // The log of updates grows with each one.
        guard file.kind != "EF_ACTUA", let size else { return }
        let step = file.kind == "certificate" ? 256 : 64
        file.size = (size + step - 1) / step * step
        file.sizeStep = step
    }

    // MARK: Commands

    var applicationClass: UInt8 { model == .cps4 ? 0x01 : 0x00 }

    /// Selects a file by its path below the MF, and asks for its control information. If another application
    /// answers, the applet is selected, as every program does that uses the card (cards.md §1.3); not before, since
    /// that would end another program's login.
    func select(_ path: [UInt8]) throws(ChannelError) -> ResponseAPDU {
        let answer = try exchange.send(selection(of: path))
        // Of a file, 6A86 may be about the form of the command.
        let isLost =
            answer.status.sw1 == 0x6E || answer.status == .logicalChannelNotSupported
            || path.isEmpty && answer.status == .incorrectParameters
        guard isLost else { return answer }
        _ = try exchange.send(
            CommandAPDU(applicationClass, 0xA4, 0x04, model == .cps4 ? 0x0C : 0x04, data: PermittedCommand.applet))
        return try exchange.send(selection(of: path))
    }

    func selection(of path: [UInt8]) -> CommandAPDU {
        if model != .cps4 {
            return CommandAPDU(0x00, 0xA4, 0x09, 0x04, data: [0x3F, 0x00] + path, expectedLength: 256)
        }
        return path.isEmpty
            ? CommandAPDU(0x01, 0xA4, 0x00, 0x00, data: [0x3F, 0x00], expectedLength: 256)
            : CommandAPDU(0x01, 0xA4, 0x08, 0x00, data: path, expectedLength: 256)
    }

    // MARK: What directories say

    /// The directory of the application for this side of the card (EF.DIR), without 3F00.
    private var applicationPath: [UInt8] {
        let standard: [UInt8] = [0x00, model == .cps3Contactless ? 0x02 : 0x01]
        let last: UInt8 = model == .cps3Contactless ? 0x20 : 0x10
        var reader = BERTLVReader(contents["EF.DIR"] ?? [])
        while let template = try? reader.next(), template.tag == 0x61 {
            let parts = template.children
            guard let name = try? parts.first(tag: 0x4F), name.value.last == last,
                let path = try? parts.first(tag: 0x51)
            else { continue }
            return absolute(Array(path.value))
        }
        return standard
    }

    /// A path of a directory, below the MF: one that does not begin with 3F00 continues the application's.
    private func absolute(_ path: [UInt8]) -> [UInt8] {
        if path.starts(with: [0x3F, 0x00]) { return Array(path.dropFirst(2)) }
        return (model == .cps3Contactless ? [0x00, 0x02] : [0x00, 0x01]) + path
    }

    /// SEQUENCE { OCTET STRING path } in an entry of the ODF.
    private static func firstPath(in entry: BERTLV) -> [UInt8]? {
        guard let element = try? entry.children.first(tag: DER.sequence) else { return nil }
        return path(in: element)
    }

    /// The path within [1] of a directory's entry; nil for a value in the directory itself, and for an empty path.
    private static func typePath(in entry: BERTLV) -> [UInt8]? {
        guard let type = try? entry.children.first(tag: 0xA1),
            let attributes = try? type.children.first(tag: DER.sequence)
        else { return nil }
        // The DODF has the path at once, the others one level deeper.
        if let inner = try? attributes.children.first(tag: DER.sequence) { return path(in: inner) }
        return path(in: attributes)
    }

    private static func path(in element: BERTLV) -> [UInt8]? {
        guard let value = try? element.children.first(tag: DER.octetString)?.value, value.count >= 2,
            value.count % 2 == 0, value.count <= 12
        else { return nil }
        return Array(value)
    }

    static func label(of entry: BERTLV) -> String? {
        var parts = entry.children
        guard let common = try? parts.next(), let text = try? common.children.first(tag: DER.utf8String) else {
            return nil
        }
        return PublicText.shown(Array(text.value))
    }
}

extension CardModel {
    /// As reports call it.
    public var reportName: String {
        switch self {
        case .cps3: "CPS3"
        case .cps3Contactless: "CPS3 contactless"
        case .cps4: "CPS4"
        }
    }
}

extension [UInt8] {
    /// `3F00/0001/7005`.
    fileprivate var pathText: String {
        stride(from: 0, to: count, by: 2).map { Hexadecimal.encode(self[$0..<Swift.min($0 + 2, count)]) }
            .joined(separator: "/")
    }
}

extension Duration {
    /// Rounded down.
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
