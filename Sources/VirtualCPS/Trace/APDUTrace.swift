// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// One line for each command and each response: time, direction, bytes, status.
/// The data of PIN commands are masked.
public struct APDUTrace: ~Copyable {
    private let file: RestrictedFile

    /// Opens a file to append to; it is made for its owner alone (0600).
    /// - Throws: `VirtualCardError` if it cannot be opened, or is a symbolic link.
    public init(path: String) throws(VirtualCardError) { file = try RestrictedFile(appendingTo: path) }

    /// Writes a command, masked.
    public func command(_ bytes: [UInt8]) { write("> " + APDUTrace.masked(bytes)) }

    /// Writes a response, data and status.
    public func response(_ bytes: [UInt8]) {
        write(
            "< " + Hexadecimal.encode(bytes.dropLast(2), separator: " ") + (bytes.count > 2 ? " " : "")
                + "SW " + Hexadecimal.encode(bytes.suffix(2)))
    }

    /// Power, reset and removal.
    public func event(_ text: String) { write("- " + text) }

    /// The instructions whose data are PINs: VERIFY, CHANGE REFERENCE DATA, RESET
    /// RETRY COUNTER.
    private static let secretInstructions: Set<UInt8> = [0x20, 0x21, 0x24, 0x25, 0x2C, 0x2D]

    /// A command in hexadecimal; everything after Lc of a PIN command becomes `**`.
    public static func masked(_ command: [UInt8]) -> String {
        guard command.count > 5, secretInstructions.contains(command[1]) else {
            return Hexadecimal.encode(command, separator: " ")
        }
        let hidden = Array(repeating: "**", count: command.count - 5)
        return ([Hexadecimal.encode(command.prefix(5), separator: " ")] + hidden).joined(separator: " ")
    }

    private func write(_ text: String) { file.write(Array("\(APDUTrace.timestamp()) \(text)\n".utf8)) }

    private static func timestamp() -> String { WallTime.now.text }
}
