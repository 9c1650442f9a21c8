// SPDX-License-Identifier: Apache-2.0

import CPSCard
import CardReport
import ISO7816
import SmartCardBytes

/// Retry counters, and which forms of commands the card takes.
extension CardReporter {
    /// Asks for the retry counters in the way that the official library uses: it costs no try (cards.md §3.3).
    mutating func readRetryCounters() throws(ChannelError) {
        var reader = BERTLVReader(contents["AODF"] ?? [])
        while let entry = try? reader.next(), entry.tag == DER.sequence, report.pins.count < 4 {
            guard let type = try? entry.children.first(tag: 0xA1),
                let attributes = try? type.children.first(tag: DER.sequence),
                let reference = try? attributes.children.first(tag: 0x80)?.value.last
            else { continue }
            try noteCounter(reference, label: CardReporter.label(of: entry) ?? "")
        }
    }

    private mutating func noteCounter(_ reference: UInt8, label: String) throws(ChannelError) {
        let start = ContinuousClock.now
        _ = try channel.beginTransaction()
        defer { channel.endTransaction() }
        // The PIN objects of a CPS3 are found from the MF only.
        guard try select([]).status.isSuccess else { return }
        let command =
            model == .cps4
            ? CommandAPDU(0x01, 0x20, 0x00, reference)
            : CommandAPDU(0x00, 0xCB, 0x3F, 0xFF, data: CardReporter.pinObject(reference), expectedLength: 256)
        let answer = try exchange.send(command)
        var pin = CardReport.PIN(
            label: label, reference: Hexadecimal.encode([reference]), status: "\(answer.status)")
        if !answer.data.isEmpty {
            pin.answer = DataTree.lines(of: answer.data) { shown.leaf($0, $1, level: $2 + 2, in: .control) }
        }
        pin.milliseconds = start.duration(to: .now).milliseconds
        report.pins.append(pin)
    }

    private static func pinObject(_ reference: UInt8) -> [UInt8] {
        [0x4D, 0x08, 0x70, 0x06, 0xBF, 0x81, reference, 0x02, 0xA0, 0x80]
    }

    // MARK: Forms

    mutating func tryForms() throws(ChannelError) {
        let serialNumber: [UInt8] = [0xD0, 0x03]
        if model == .cps4 {
            try tryForm("select-file", [CommandAPDU(0x01, 0xA4, 0x08, 0x00, data: serialNumber, expectedLength: 256)])
            try tryForm("select-file-no-answer", [CommandAPDU(0x01, 0xA4, 0x08, 0x0C, data: serialNumber)])
            try tryForm(
                "select-file-04", [CommandAPDU(0x01, 0xA4, 0x08, 0x04, data: serialNumber, expectedLength: 256)])
            try tryForm(
                "select-identifier", [CommandAPDU(0x01, 0xA4, 0x00, 0x00, data: serialNumber, expectedLength: 256)])
            try tryForm("select-directory", [CommandAPDU(0x01, 0xA4, 0x08, 0x00, data: [0x00, 0x01])])
        } else {
            let path = [0x3F, 0x00] + serialNumber
            try tryForm("select-file", [CommandAPDU(0x00, 0xA4, 0x09, 0x04, data: path, expectedLength: 256)])
            try tryForm("select-file-no-answer", [CommandAPDU(0x00, 0xA4, 0x09, 0x0C, data: path)])
            try tryForm("select-file-00", [CommandAPDU(0x00, 0xA4, 0x09, 0x00, data: path, expectedLength: 256)])
            try tryForm(
                "select-identifier", [CommandAPDU(0x00, 0xA4, 0x02, 0x04, data: serialNumber, expectedLength: 256)])
            try tryForm("select-directory", [CommandAPDU(0x00, 0xA4, 0x09, 0x0C, data: [0x3F, 0x00, 0x00, 0x01])])
            try tryForm(
                "pin-object-outside-mf",
                [
                    CommandAPDU(0x00, 0xA4, 0x09, 0x0C, data: [0x3F, 0x00, 0x00, 0x01]),
                    CommandAPDU(0x00, 0xCB, 0x3F, 0xFF, data: CardReporter.pinObject(0x01), expectedLength: 256),
                ])
        }
        let select = selection(of: serialNumber)
        var unfetched = select
        unfetched.expectedLength = nil
        try tryForm("read-unfetched", [unfetched, read(0, 12)], fetching: false)
        try tryForm("read-le-00", [select, read(0, 256)])
        try tryForm("read-le-too-long", [select, read(0, 32)])
        try tryForm("read-at-end", [select, read(12, 1)])
        guard let certificate = largeFile else { return }
        try tryForm("read-231", [selection(of: certificate), read(0, 231)])
        try tryForm("read-256", [selection(of: certificate), read(0, 256)])
    }

    /// A file that has more than 256 bytes and may be read: a certificate.
    private var largeFile: [UInt8]? {
        let file = report.files.first { $0.kind == "certificate" && $0.read == "9000" && ($0.size ?? 0) > 256 }
        guard let path = file?.path, let bytes = Hexadecimal.decode(path.filter { $0 != "/" }) else { return nil }
        return Array(bytes.dropFirst(2))
    }

    private func read(_ offset: UInt8, _ length: Int) -> CommandAPDU {
        CommandAPDU(applicationClass, 0xB0, 0x00, offset, expectedLength: length)
    }

    /// Sends commands and notes what the card answers to the last one, of which only the number of bytes is kept.
    /// - Parameter fetching: whether the answers to the commands before are fetched.
    private mutating func tryForm(
        _ name: String, _ commands: [CommandAPDU], fetching: Bool = true
    ) throws(ChannelError) {
        guard let last = commands.last else { return }
        _ = try channel.beginTransaction()
        defer { channel.endTransaction() }
        // From the MF, and with the applet selected.
        _ = try select([])
        for command in commands.dropLast() {
            _ = try fetching ? exchange.send(command) : transmit(command)
        }
        let start = ContinuousClock.now
        var answer = try transmit(last)
        let time = start.duration(to: .now).milliseconds
        let count = answer.data.count + (answer.status.bytesAvailable ?? 0)
        answer.data.wipe()
        var form = CardReport.Form(
            name: name, command: Hexadecimal.encode(last.encoded(for: channel.transportProtocol), separator: " "),
            status: "\(answer.status)", byteCount: count == 0 ? nil : count)
        form.milliseconds = time
        report.forms.append(form)
        // What was announced is not left to the next command.
        if let waiting = answer.status.bytesAvailable {
            var rest = try transmit(CommandAPDU(applicationClass, 0xC0, 0, 0, expectedLength: min(waiting, 231)))
            rest.data.wipe()
        }
    }

    /// Sends one command and does nothing more, whatever the status word asks for.
    private func transmit(_ command: CommandAPDU) throws(ChannelError) -> ResponseAPDU {
        var bytes = try channel.transmit(command.encoded(for: channel.transportProtocol).span)
        defer { bytes.wipe() }
        return try ResponseAPDU(parsing: bytes)
    }
}
