// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// What a card shows to every reader, without anything about its holder: the file that
/// `cps card report` writes and `cps-virtual-card insert --like` reads (docs/cards.md §9.5).
///
/// This target knows the form of the file and nothing of CPS cards.
public struct CardReport: Codable, Equatable, Sendable {
    /// The name and version of the format.
    public static let schemaName = "cps-card-report/1"

    /// `schemaName`; other files are refused.
    public var schema = CardReport.schemaName
    /// What the file contains and what it does not, for the person who is going to send it.
    public var about: About
    /// The program that wrote the file, with its version.
    public var program: String
    /// The card, as every reader sees it.
    public var card: Card
    /// In the order in which they were looked at.
    public var files: [File]
    /// In the order of the AODF.
    public var pins: [PIN]
    /// Which forms of commands the card takes.
    public var forms: [Form]

    /// A sentence in both languages.
    public struct About: Codable, Equatable, Sendable {
        /// In English.
        public var english: String
        /// In French.
        public var french: String

        /// Makes a sentence.
        public init(english: String, french: String) {
            self.english = english
            self.french = french
        }
    }

    /// What is known before a command is sent.
    public struct Card: Codable, Equatable, Sendable {
        /// `CPS3`, `CPS3 contactless` or `CPS4`; nil for another card, which is sent nothing.
        public var model: String?
        /// In hexadecimal.
        public var answerToReset: String
        /// The same after a warm reset, if one was asked for.
        public var warmAnswerToReset: String?
        /// `T=0` or `T=1`; nil for another card, which is not connected to.
        public var transport: String?

        /// Describes a card.
        public init(model: String?, answerToReset: String, transport: String?) {
            self.model = model
            self.answerToReset = answerToReset
            self.transport = transport
        }
    }

    /// A file or directory of the card.
    public struct File: Codable, Equatable, Sendable {
        /// `3F00/0001/7005`.
        public var path: String
        /// Its kind: `EF.DIR`, `CDF`, `certificate`, `data object` and so on.
        public var kind: String
        /// The label of the directory entry that leads here.
        public var label: String?
        /// The status word of SELECT.
        public var select: String
        /// The answer to SELECT, in the lines of `DataTree`; the size is left out.
        public var control: [String]?
        /// The size in bytes: exact for directories, rounded up to a multiple of `sizeStep` for others.
        public var size: Int?
        /// nil for an exact size.
        public var sizeStep: Int?
        /// The status word of READ BINARY.
        public var read: String?
        /// What the file contains, in the lines of `DataTree`; nil for files that are about the holder.
        public var content: [String]?
        /// False if the card encodes lengths in more bytes than needed, which `content` does not show.
        public var isContentExact: Bool?
        /// How long the card took for this file.
        public var milliseconds: Int?

        /// Describes a file by the answer to its SELECT.
        public init(path: String, kind: String, label: String? = nil, select: String) {
            self.path = path
            self.kind = kind
            self.label = label
            self.select = select
        }
    }

    /// A PIN or unblocking code.
    public struct PIN: Codable, Equatable, Sendable {
        /// The label of its entry in the AODF.
        public var label: String
        /// P2 of VERIFY, in hexadecimal.
        public var reference: String
        /// The status word of the question for the retry counter.
        public var status: String
        /// The answer, in the lines of `DataTree`; nil if the status word is the answer.
        public var answer: [String]?
        /// How long the card took.
        public var milliseconds: Int?

        /// Describes a PIN by the answer to the question for its retry counter.
        public init(label: String, reference: String, status: String) {
            self.label = label
            self.reference = reference
            self.status = status
        }
    }

    /// One form of a command, and what the card answered.
    public struct Form: Codable, Equatable, Sendable {
        /// Names the form, as `select-file-0C`.
        public var name: String
        /// The command, `..` for a byte that depends on the card.
        public var command: String
        /// The status word of its answer.
        public var status: String
        /// How many bytes came with it; nil for none.
        public var byteCount: Int?
        /// How long the card took.
        public var milliseconds: Int?

        /// Describes a form by the card's answer.
        public init(name: String, command: String, status: String, byteCount: Int?) {
            self.name = name
            self.command = command
            self.status = status
            self.byteCount = byteCount
        }
    }

    /// A report without files, PINs and forms yet.
    public init(about: About, program: String, card: Card) {
        self.about = about
        self.program = program
        self.card = card
        (files, pins, forms) = ([], [], [])
    }

    /// The same card at another time: without durations and the program's version.
    public var withoutTimes: CardReport {
        var copy = self
        copy.program = ""
        for index in copy.files.indices { copy.files[index].milliseconds = nil }
        for index in copy.pins.indices { copy.pins[index].milliseconds = nil }
        for index in copy.forms.indices { copy.forms[index].milliseconds = nil }
        return copy
    }

    /// The answer to a form; nil if it was not tried.
    public func form(_ name: String) -> Form? { forms.first { $0.name == name } }

    /// The first file of a kind.
    public func file(_ kind: String) -> File? { files.first { $0.kind == kind } }
}

extension CardReport {
    /// Why a file is no report.
    public enum FormatError: Error {
        case notAReport
    }

    /// Reads a report.
    /// - Throws: `FormatError` for another file or version.
    public init(json: [UInt8]) throws(FormatError) {
        guard let report = try? JSONDecoder().decode(CardReport.self, from: Data(json)),
            report.schema == CardReport.schemaName
        else { throw .notAReport }
        self = report
    }

    /// The report as a file.
    public var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // checked: texts, numbers and lists can always be encoded
        return Array((try? encoder.encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
    }

    /// What is not as in another report, one line for each part, with the names of its fields:
    /// `file 3F00/2F00: size, content`.
    public func differences(from other: CardReport) -> [String] {
        let (mine, others) = (withoutTimes, other.withoutTimes)
        return CardReport.differences("card", [("", mine.card)], [("", others.card)])
            + CardReport.differences("file ", mine.files.map { ($0.path, $0) }, others.files.map { ($0.path, $0) })
            + CardReport.differences(
                "PIN ", mine.pins.map { ($0.reference, $0) }, others.pins.map { ($0.reference, $0) })
            + CardReport.differences("form ", mine.forms.map { ($0.name, $0) }, others.forms.map { ($0.name, $0) })
    }

    private static func differences<Part: Equatable>(
        _ kind: String, _ mine: [(String, Part)], _ others: [(String, Part)]
    ) -> [String] {
        let mine = Dictionary(mine, uniquingKeysWith: { first, _ in first })
        let others = Dictionary(others, uniquingKeysWith: { first, _ in first })
        return Set(mine.keys).union(others.keys).sorted().filter { mine[$0] != others[$0] }.map { name in
            guard let left = mine[name], let right = others[name] else { return kind + name }
            let fields = zip(Mirror(reflecting: left).children, Mirror(reflecting: right).children)
                .filter { "\($0.value)" != "\($1.value)" }.compactMap { $0.0.label }
            return "\(kind)\(name): \(fields.joined(separator: ", "))"
        }
    }
}
