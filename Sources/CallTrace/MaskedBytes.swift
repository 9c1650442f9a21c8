// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The bytes of an APDU in a trace; some may be hidden. As text each byte is hexadecimal; `*N` stands for N hidden
/// bytes, `**` for hidden bytes whose number is secret, too.
public struct MaskedBytes: Sendable {
    /// One byte, or some hidden ones.
    public enum Element: Equatable, Sendable {
        /// A byte that is shown.
        case byte(UInt8)
        /// Hidden bytes: their number; nil if the number is hidden, too.
        case hidden(Int?)
    }

    /// The bytes from the first to the last.
    public let elements: [Element]

    /// Makes the bytes of an APDU.
    public init(_ elements: [Element]) { self.elements = elements }

    /// The text in the trace.
    public var text: String {
        elements.map { element in
            switch element {
            case .byte(let byte): Hexadecimal.encode([byte])
            case .hidden(let count?): "*\(count)"
            case .hidden(nil): "**"
            }
        }.joined(separator: " ")
    }
}
