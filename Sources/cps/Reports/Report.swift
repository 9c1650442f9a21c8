// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Messages

/// What a command found out, for programs: written as JSON (docs/json.md). Names are
/// English in every locale; what is not known is left out.
protocol Report: Encodable {
    /// The schema's name and version, as `cps-status/1`. Fields may come to a version;
    /// when one goes or changes its meaning, it is another version.
    static var schema: String { get }
}

/// The option `--json`.
struct ReportOptions: ParsableArguments {
    @Flag(help: ArgumentHelp(Message("Write JSON, for programs.", fr: "Écrit du JSON, pour les programmes.").text))
    var json = false
}

extension Output {
    /// A report on stdout.
    /// - Parameter onOneLine: for one of a series.
    static func write(_ report: some Report, onOneLine: Bool = false) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !onOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
        guard let data = try? encoder.encode(NamedReport(report: report)) else {
            throw Failure(
                .fileFailed, Message("The report cannot be written.", fr: "Le rapport n'a pas pu être écrit."))
        }
        try write(Array(data) + [UInt8(ascii: "\n")])
    }
}

/// A report with the name of its schema among its fields.
private struct NamedReport<Content: Report>: Encodable {
    let report: Content

    private enum CodingKeys: CodingKey { case schema }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Content.schema, forKey: .schema)
        try report.encode(to: encoder)
    }
}
