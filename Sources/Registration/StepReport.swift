// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import HostSystem
import Messages

/// What a run says: for people line by line, for programs as one JSON object at the end
/// (docs/json.md, `cps-register/1`).
final class StepReport {
    /// How a step ended.
    enum State: String {
        case done
        /// What a dry run would do.
        case planned
        case unchanged
        /// Something to know.
        case note
        case failed
    }

    /// The form of the report.
    enum Form {
        case text
        case json
        /// The steps of a report for another process, one JSON object in each line.
        case lines
    }

    private let form: Form
    /// The word that is being worked on.
    var word = ""
    private(set) var steps: [String] = []
    private(set) var hasChanged = false
    private(set) var hasFailed = false

    init(_ form: Form) { self.form = form }

    /// One step.
    /// - Parameters:
    ///   - path: what it is about.
    ///   - difference: what would change in the file.
    func add(_ state: State, _ message: Message, path: String? = nil, difference: String? = nil) {
        if state == .done || state == .planned { hasChanged = true }
        if state == .failed { hasFailed = true }
        switch form {
        case .text: say(state, message, difference)
        case .json: steps.append(object(state, message, path, difference))
        case .lines: StepReport.write(object(state, message, path, difference) + "\n", to: STDOUT_FILENO)
        }
    }

    /// What another process of ours has reported and done.
    func add(lines: String, hasChanged: Bool, hasFailed: Bool) {
        // Whatever else a program may have written is no step.
        steps += lines.lines.filter { $0.hasPrefix("{\"program\"") }
        self.hasChanged = self.hasChanged || hasChanged
        self.hasFailed = self.hasFailed || hasFailed
    }

    /// A line for people alone.
    func say(_ message: Message) {
        if form == .text { StepReport.write(message.text + "\n", to: STDOUT_FILENO) }
    }

    /// Writes what is written at the end.
    func finish(isDryRun: Bool) {
        guard form == .json else { return }
        let list = steps.map { "\n    " + $0 }.joined(separator: ",") + (steps.isEmpty ? "" : "\n  ")
        StepReport.write(
            """
            {
              "changed" : \(hasChanged && !isDryRun),
              "dryRun" : \(isDryRun),
              "failed" : \(hasFailed),
              "schema" : "cps-register/1",
              "steps" : [\(list)]
            }

            """, to: STDOUT_FILENO)
    }

    private func say(_ state: State, _ message: Message, _ difference: String?) {
        switch state {
        case .done: say(Message("Done: \(message.english)", fr: "Fait : \(message.french)"))
        case .planned: say(Message("Would do: \(message.english)", fr: "À faire : \(message.french)"))
        case .unchanged, .note: say(message)
        case .failed: StepReport.write(message.text + "\n", to: STDERR_FILENO)
        }
        if let difference { StepReport.write(difference, to: STDOUT_FILENO) }
    }

    private func object(_ state: State, _ message: Message, _ path: String?, _ difference: String?) -> String {
        var fields = [("program", word), ("state", state.rawValue)]
        if let path { fields.append(("path", path)) }
        if let difference { fields.append(("diff", difference)) }
        fields += [("english", message.english), ("french", message.french)]
        let texts = fields.map { "\(JSONString.encoded($0.0)): \(JSONString.encoded($0.1))" }
        return "{\(texts.joined(separator: ", "))}"
    }

    /// A closed pipe is no error: what is to be done is done.
    private static func write(_ text: String, to descriptor: Int32) {
        _ = WholeWrite.write(Array(text.utf8), to: descriptor)
    }
}

/// The lines of a file that change, as `diff -u` shows them. One place is enough for what is
/// changed here: it reaches from the first line that differs to the last one.
enum LineDifference {
    /// Empty when the bytes are the same.
    static func text(_ path: String, from before: [UInt8]?, to after: [UInt8]?) -> String {
        let old = lines(before ?? []), new = lines(after ?? [])
        guard old != new else { return "" }
        let shared = min(old.count, new.count)
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.count
        let end = min(tail, shared - head)
        let start = max(0, head - 3)
        let after3 = min(3, end)
        let oldPart = old[start..<old.count - end + after3], newPart = new[start..<new.count - end + after3]
        var text = "--- \(before == nil ? "/dev/null" : path)\n+++ \(after == nil ? "/dev/null" : path)\n"
        text += "@@ -\(range(start, oldPart.count)) +\(range(start, newPart.count)) @@\n"
        text += old[start..<head].map { shown(" ", $0) }.joined()
        text += old[head..<old.count - end].map { shown("-", $0) }.joined()
        text += new[head..<new.count - end].map { shown("+", $0) }.joined()
        return text + old[(old.count - end)...].prefix(after3).map { shown(" ", $0) }.joined()
    }

    private static func range(_ start: Int, _ count: Int) -> String { "\(count == 0 ? start : start + 1),\(count)" }

    private static func shown(_ mark: String, _ line: ArraySlice<UInt8>) -> String {
        let text = mark + String(decoding: line, as: UTF8.self)
        return line.last == UInt8(ascii: "\n") ? text : text + "\n\\ No newline at end of file\n"
    }

    /// The lines, each with its end.
    static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }.count
            lines.append(rest.prefix(line + 1))
            rest = rest.dropFirst(line + 1)
        }
        return lines
    }
}
