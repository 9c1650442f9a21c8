// SPDX-License-Identifier: Apache-2.0

import CSystem
import Glibc
import HostSystem
import Synchronization

/// What is told of calls and of what goes to the card, to a person who asked for it.
/// Never told are codes, data to be signed or decrypted, and values of objects.
///
/// A line is: seconds on the monotonic clock, process/thread, a word, and
///
///     call FUNCTION ARGUMENT...
///     done FUNCTION CODE MICROSECONDS RESULT...
///     card NUMBER connected PROTOCOL READER
///     card NUMBER > COMMAND         (and "keypad HEADER": the code is typed on the reader)
///     card NUMBER < RESPONSE
///     card NUMBER EVENT
///     readers EVENT
///
/// where bytes are hexadecimal, `**` is what is not even told the length of, and `*N`
/// stands for N bytes.
public final class CallTrace: Sendable {
    private let file: TraceFile

    /// - Parameter path: the file that lines are added to.
    /// - Returns: nil for no path at all.
    public init?(path: String) {
        guard let file = TraceFile(path: path) else { return nil }
        self.file = file
    }

    /// A function is called.
    /// - Returns: when, in microseconds; for `done`.
    public func call(_ function: String, _ arguments: [String]) -> Int {
        write((["call", function] + arguments).joined(separator: " "))
        return MonotonicTime.now.microseconds
    }

    /// A function returns.
    /// - Parameter code: the return code by name.
    public func done(_ function: String, _ code: String, since start: Int, _ results: [String]) {
        let duration = MonotonicTime.now.microseconds - start
        write((["done", function, code, String(duration)] + results).joined(separator: " "))
    }

    /// Something happens at a reader, or to all.
    func write(_ text: String) {
        let now = MonotonicTime.now.microseconds
        let fraction = String(now % 1_000_000)
        let time = "\(now / 1_000_000)." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
        let printable = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
        file.add(line: "\(time) \(getpid())/\(cps_thread_id()) \(printable)")
    }

    private static let connections = Atomic<Int>(0)

    /// A number for one more connection of this process.
    static var nextConnection: Int { connections.wrappingAdd(1, ordering: .relaxed).newValue }
}
