// SPDX-License-Identifier: Apache-2.0

import CSystem
import Glibc
import HostSystem
import Synchronization

/// The call trace: function calls and card commands, written to a file that the user names. PINs, data to sign or
/// decrypt, and values of objects are never logged. `TraceLine` has the format.
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
        log(.call(function: function, arguments: arguments.joined(separator: " ")))
        return MonotonicTime.now.microseconds
    }

    /// Logs the return from a function.
    /// - Parameters:
    ///   - code: the name of the return code.
    ///   - start: the result of `call`.
    public func done(_ function: String, _ code: String, since start: Int, _ results: [String]) {
        let duration = MonotonicTime.now.microseconds - start
        let results = results.joined(separator: " ")
        log(.done(function: function, code: code, microseconds: duration, results: results))
    }

    /// Writes a line.
    func log(_ event: TraceLine.Event) {
        let line = TraceLine(
            time: MonotonicTime.now.microseconds, process: Int(getpid()), thread: Int(cps_thread_id()), event: event)
        file.add(line: line.text)
    }

    private static let connections = Atomic<Int>(0)

    /// The number of a new connection of this process.
    static var nextConnection: Int { connections.wrappingAdd(1, ordering: .relaxed).newValue }
}
