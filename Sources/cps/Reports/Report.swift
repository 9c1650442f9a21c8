// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Messages

/// The result of a command for programs, written as JSON (docs/json.md). Names are
/// English in every locale; unknown values are left out.
protocol Report: Encodable {
    /// The schema's name and version, for example `cps-status/1`. A version may get new fields;
    /// removing a field or changing its meaning needs a new version.
    static var schema: String { get }
}

/// The option `--json`.
struct ReportOptions: ParsableArguments {
    @Flag(help: ArgumentHelp(Message("Write JSON, for programs.", fr: "Écrit du JSON, pour les programmes.").text))
    var json = false
}

extension Output {
    /// Writes a report to stdout.
    /// - Parameter onOneLine: whether to write one line, as in a series of reports.
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

/// A report with the schema's name as an additional field.
private struct NamedReport<Content: Report>: Encodable {
    let report: Content

    private enum CodingKeys: CodingKey { case schema }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Content.schema, forKey: .schema)
        try report.encode(to: encoder)
    }
}
