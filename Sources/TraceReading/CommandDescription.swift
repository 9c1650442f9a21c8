// SPDX-License-Identifier: Apache-2.0

import CallTrace
import Messages
import SmartCardBytes

/// Describes a command APDU with the names of ISO/IEC 7816-4 and -8 (cards.md §1, §3, §4).
enum CommandDescription {
    static func text(of command: MaskedBytes) -> String {
        guard let cla = command[0], let ins = command[1], let p1 = command[2], let p2 = command[3] else {
            return command.text
        }
        var text = text(Header(cla: cla, ins: ins, p1: p1, p2: p2), command)
        if cla & 0x10 != 0, cla != cps2terClass {
            text += " " + Message("(part, more follows)", fr: "(partie, la suite vient)").text
        }
        return cla == cps2terClass ? "CPS2ter " + text : text
    }

    /// Whether the command only reads the retry counter: VERIFY without a PIN, or GET
    /// DATA for the counter (cards.md §3.3).
    static func asksForTries(_ command: MaskedBytes) -> Bool {
        switch (command[1], command.commandData) {
        case (0x20, .none): true
        case (0xCA, .shown(let data)), (0xCB, .shown(let data)): counterReference(data) != nil
        default: false
        }
    }

    /// Describes the header of a command whose PIN is typed on the reader.
    static func text(ofKeypad command: MaskedBytes) -> String {
        guard let ins = command[1], let p2 = command[3] else { return command.text }
        let name = codeInstructions[ins] ?? "INS \(hexadecimal(ins))"
        return "\(name) PIN \(hexadecimal(p2)) " + Message("(typed on the reader)", fr: "(saisi sur le lecteur)").text
    }

    private struct Header {
        let cla, ins, p1, p2: UInt8
        var offset: Int { Int(p1) << 8 | Int(p2) }
    }

    private static let cps2terClass: UInt8 = 0xA0

    private static let codeInstructions: [UInt8: String] = [
        0x20: "VERIFY", 0x24: "CHANGE REFERENCE DATA", 0x2C: "RESET RETRY COUNTER",
    ]

    private static func text(_ header: Header, _ command: MaskedBytes) -> String {
        switch header.ins {
        case 0xA4: "SELECT" + selection(header, command)
        case 0xB0: "READ BINARY" + reading(header, command)
        case 0xD6: "UPDATE BINARY" + count(command.commandData) + at(header.offset)
        case 0xC0: "GET RESPONSE" + expectedLength(command)
        case 0x84: "GET CHALLENGE" + expectedLength(command)
        case 0x20, 0x24, 0x2C: code(header, command)
        case 0x22: "MANAGE SECURITY ENVIRONMENT" + environment(header, command)
        case 0x2A: operation(header, command)
        case 0x88: "INTERNAL AUTHENTICATE" + count(command.commandData)
        case 0xCA, 0xCB: "GET DATA" + requestedData(header, command)
        case 0x70: "MANAGE CHANNEL"
        default: command.text
        }
    }

    // MARK: Files

    private static func selection(_ header: Header, _ command: MaskedBytes) -> String {
        guard case .shown(let data) = command.commandData else { return header.p1 == 0x03 ? " .." : "" }
        if header.p1 == 0x04 {
            return " " + (applications[data] ?? Hexadecimal.encode(data))
        }
        let isAbsolute = header.p1 == 0x08 && !data.starts(with: [0x3F, 0x00])
        let path = (isAbsolute ? [0x3F, 0x00] : []) + data
        let text = stride(from: 0, to: path.count, by: 2)
            .map { Hexadecimal.encode(path[$0..<min($0 + 2, path.count)]) }.joined(separator: "/")
        guard path.count >= 2, header.cla != cps2terClass,
            let name = files[UInt16(path[path.count - 2]) << 8 | UInt16(path[path.count - 1])]
        else { return " " + text }
        return " \(text) (\(name))"
    }

    /// cards.md §1.4.
    private static let applications: [[UInt8]: String] = [
        [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00]: "IAS / ChipDoc",
        [0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x10]: "PKCS#15",
        [0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x20]: "PKCS#15 CL",
        [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x02]: "CPS2ter",
        [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00]: "IDS",
    ]

    /// cards.md §2.1.
    private static let files: [UInt16: String] = [
        0x2F00: "EF.DIR", 0x2F01: "EF.ATR", 0xD003: "EF.SN", 0xD010: "EF_ACTUA",
        0x5031: "EF.ODF", 0x5032: "EF.TokenInfo",
        0x7001: "AODF", 0x7002: "PrKDF", 0x7004: "PuKDF", 0x7005: "CDF", 0x7006: "DODF",
        0x7102: "PrKDF CL", 0x7104: "PuKDF CL", 0x7105: "CDF CL", 0x7106: "DODF CL",
        0xD107: "CPS_DATA",
    ]

    private static func reading(_ header: Header, _ command: MaskedBytes) -> String {
        // Bit 8 of P1 set: P1 holds a short file identifier.
        header.p1 & 0x80 != 0
            ? expectedLength(command) + " SFI \(hexadecimal(header.p1 & 0x1F))" + at(Int(header.p2))
            : expectedLength(command) + at(header.offset)
    }

    /// Le of a command without data; 00 means 256.
    private static func expectedLength(_ command: MaskedBytes) -> String {
        guard let length = command[4] else { return "" }
        return " \(length == 0 ? 256 : Int(length))"
    }

    private static func at(_ offset: Int) -> String { Message(" at \(offset)", fr: " à \(offset)").text }

    private static func count(_ data: MaskedBytes.Data) -> String {
        switch data {
        case .none, .hidden(nil): ""
        case .hidden(let count?): " \(count)"
        case .shown(let bytes): " \(bytes.count)"
        }
    }

    // MARK: PINs

    private static var triesQuestion: String { Message(": tries left?", fr: " : essais restants ?").text }

    private static func code(_ header: Header, _ command: MaskedBytes) -> String {
        let name = (codeInstructions[header.ins] ?? "") + " PIN " + hexadecimal(header.p2 & 0x7F)
        if command.commandData != .none { return name + " ****" }
        return header.ins == 0x20 ? name + triesQuestion : name
    }

    /// The PIN reference whose counter a CPS3 is asked for (cards.md §3.3).
    private static func counterReference(_ data: [UInt8]) -> UInt8? {
        data.starts(with: [0x4D, 0x08, 0x70, 0x06, 0xBF, 0x81]) ? data.dropFirst(6).first : nil
    }

    /// The retry counter of a CPS3; otherwise the requested tag.
    private static func requestedData(_ header: Header, _ command: MaskedBytes) -> String {
        guard case .shown(let data) = command.commandData else { return " " + hexadecimal(header.p1, header.p2) }
        if let reference = counterReference(data) { return " PIN \(hexadecimal(reference))" + triesQuestion }
        return " " + Hexadecimal.encode(data)
    }

    // MARK: Keys

    /// The control reference templates that can be set (ISO/IEC 7816-4 §5.5.8).
    private static let templates: [UInt8: Message] = [
        0xA4: Message("authentication", fr: "authentification"),
        0xAA: Message("hash", fr: "hachage"),
        0xB6: Message("signature", fr: "signature"),
        0xB8: Message("decryption", fr: "déchiffrement"),
    ]

    private static func environment(_ header: Header, _ command: MaskedBytes) -> String {
        var text = templates[header.p2].map { " " + $0.text } ?? " " + hexadecimal(header.p1, header.p2)
        guard case .shown(let data) = command.commandData else { return text }
        var reader = BERTLVReader(data)
        while let element = try? reader.next() {
            let value = Hexadecimal.encode(element.value)
            switch (element.tag, element.value.count) {
            case (0x80, _): text += Message(", algorithm \(value)", fr: ", algorithme \(value)").text
            case (0x83, _), (0x84, _): text += Message(", key \(value)", fr: ", clé \(value)").text
            case (0x91, 2):
                text +=
                    Message(
                        ", algorithm \(value.prefix(2)), key \(value.suffix(2))",
                        fr: ", algorithme \(value.prefix(2)), clé \(value.suffix(2))"
                    ).text
            default: text += ", \(String(element.tag, radix: 16, uppercase: true)) \(value)"
            }
        }
        return text
    }

    /// PERFORM SECURITY OPERATION.
    private static func operation(_ header: Header, _ command: MaskedBytes) -> String {
        let name =
            switch (header.p1, header.p2) {
            case (0x9E, 0x9A): "COMPUTE DIGITAL SIGNATURE"
            case (0x90, 0xA0), (0x90, 0x80): "HASH"
            case (0x80, 0x86): "DECIPHER"
            default: "PERFORM SECURITY OPERATION " + hexadecimal(header.p1, header.p2)
            }
        return name + count(command.commandData)
    }

    private static func hexadecimal(_ bytes: UInt8...) -> String { Hexadecimal.encode(bytes) }
}
