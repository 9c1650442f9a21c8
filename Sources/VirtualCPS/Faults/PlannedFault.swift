// SPDX-License-Identifier: Apache-2.0

import ISO7816
import Messages
import SmartCardBytes

/// A fault and its time; on the command line `KIND@N`, N being the number of the APDU, from 1.
public struct PlannedFault: Sendable, Equatable {
    /// The fault.
    public var fault: Fault
    /// The APDU at which it happens, counted from 1.
    public var number: Int

    /// - Throws: `VirtualCardError` unless the text is one of `drop@N`, `reset@N`, `repeat@N`,
    ///   `garbage:HEX@N`, `truncate:BYTES@N`, `shorten:BYTES@N`, `status:SW@N`,
    ///   `refuse:SW@N`, `delay:MS@N`.
    public init(parsing text: String) throws(VirtualCardError) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]), number > 0, let fault = PlannedFault.fault(parts[0]) else {
            throw VirtualCardError(
                Message("\"\(text)\" is not a fault: see --help", fr: "« \(text) » n'est pas une panne : voir --help"))
        }
        self.fault = fault
        self.number = number
    }

    private static func fault(_ text: Substring) -> Fault? {
        let words = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (words.first, words.dropFirst().first) {
        case ("drop"?, nil): return .removeCard
        case ("reset"?, nil): return .forget
        case ("repeat"?, nil): return .repeated
        case ("garbage"?, let bytes?): return Hexadecimal.decode(bytes).map(Fault.garbage)
        case ("truncate"?, let count?): return Int(count).map(Fault.truncate)
        case ("shorten"?, let count?): return Int(count).map(Fault.shorten)
        case ("status"?, let status?): return statusWord(status).map(Fault.status)
        case ("refuse"?, let status?): return statusWord(status).map(Fault.refuse)
        case ("delay"?, let time?): return Int(time).map(Fault.delay(milliseconds:))
        default: return nil
        }
    }

    private static func statusWord(_ text: Substring) -> StatusWord? {
        guard let bytes = Hexadecimal.decode(text), bytes.count == 2 else { return nil }
        return StatusWord(bytes[0], bytes[1])
    }
}
