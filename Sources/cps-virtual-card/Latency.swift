// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages
import VirtualCPS

/// The delays of a contact card.
struct Latency {
    private let millisecondsPerCommand: Double
    private let microsecondsPerByte: Double
    private let millisecondsPerOperation: Double

    /// Reads `MS_PER_APDU,US_PER_BYTE,MS_PER_RSA`.
    init(parsing text: String) throws(VirtualCardError) {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Double($0) }
        guard numbers.count == 3, text.split(separator: ",").count == 3,
            numbers.allSatisfy({ (0...60_000).contains($0) })
        else {
            throw VirtualCardError(
                Message(
                    "--latency: three numbers as 10,90,600: milliseconds per APDU, microseconds per byte, milliseconds per RSA operation",
                    fr:
                        "--latency : trois nombres tels que 10,90,600 : millisecondes par APDU, microsecondes par octet, millisecondes par opération RSA"
                ))
        }
        (millisecondsPerCommand, microsecondsPerByte, millisecondsPerOperation) = (numbers[0], numbers[1], numbers[2])
    }

    /// Sleeps for one exchange.
    func wait(bytes: Int, operations: Int) {
        Latency.wait(
            milliseconds: millisecondsPerCommand + microsecondsPerByte * Double(bytes) / 1000
                + millisecondsPerOperation * Double(operations))
    }

    static func wait(milliseconds: Double) {
        let microseconds = milliseconds * 1000
        guard microseconds >= 1 else { return }
        var time = timespec(
            tv_sec: Int(microseconds / 1_000_000),
            tv_nsec: Int(microseconds.truncatingRemainder(dividingBy: 1_000_000) * 1000))
        unsafe nanosleep(&time, nil)
    }
}
