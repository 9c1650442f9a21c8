// SPDX-License-Identifier: Apache-2.0

import CSystem
import Glibc
import HostSystem
import Synchronization

/// The call trace: function calls and card commands, written to a file that the user names. PINs, data to sign or
/// decrypt, and values of objects are never logged.
///
/// A line has: seconds on the monotonic clock, process/thread, and one of
///
///     call FUNCTION ARGUMENT...
///     done FUNCTION CODE MICROSECONDS RESULT...
///     card NUMBER connected PROTOCOL READER
///     card NUMBER > COMMAND         (or "keypad HEADER": the PIN is typed on the reader)
///     card NUMBER < RESPONSE
///     card NUMBER EVENT
///     readers EVENT
///
/// CODE is the name of the return code. Bytes are hexadecimal. `*N` replaces N bytes; `**` replaces bytes whose
/// length is secret too.
public final class CallTrace: Sendable {
    private let file: TraceFile

    /// Makes a trace.
    /// - Parameter path: the file to which lines are appended.
    /// - Returns: nil for an empty path.
    public init?(path: String) {
        guard let file = TraceFile(path: path) else { return nil }
        self.file = file
    }

    /// Logs a function call.
    /// - Returns: the time of the call in microseconds, for `done`.
    public func call(_ function: String, _ arguments: [String]) -> Int {
        write((["call", function] + arguments).joined(separator: " "))
        return MonotonicTime.now.microseconds
    }

    /// Logs the return from a function.
    /// - Parameters:
    ///   - code: the name of the return code.
    ///   - start: the result of `call`.
    public func done(_ function: String, _ code: String, since start: Int, _ results: [String]) {
        let duration = MonotonicTime.now.microseconds - start
        write((["done", function, code, String(duration)] + results).joined(separator: " "))
    }

    /// Writes a line, for example about an event at a reader. Control characters are replaced.
    func write(_ text: String) {
        let now = MonotonicTime.now.microseconds
        let fraction = String(now % 1_000_000)
        let time = "\(now / 1_000_000)." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
        let printable = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
        file.add(line: "\(time) \(getpid())/\(cps_thread_id()) \(printable)")
    }

    private static let connections = Atomic<Int>(0)

    /// The number of a new connection of this process.
    static var nextConnection: Int { connections.wrappingAdd(1, ordering: .relaxed).newValue }
}
