// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// The commands of a CPS3's IAS-ECC applet, and of its CPS2ter volet (cards.md §1.5, §3, §4.4).
struct CPS3Commands: CardCommands {
    let exchange: CommandExchange
    let isContactless: Bool

    let applicationClass: UInt8 = 0x00

    init(isContactless: Bool) {
        exchange = CommandExchange(maximumResponseLength: 231, untriedLength: 256)
        self.isContactless = isContactless
    }

    var applicationIdentifier: [UInt8] {
        [0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, isContactless ? 0x20 : 0x10]
    }

    func selectApplet() throws(CardError) {
        _ = try send(CommandAPDU(0x00, 0xA4, 0x04, 0x04, data: Applet.identifier))
    }

    func select(_ path: FilePath) throws(CardError) -> FileControlParameters {
        try parseFileControlParameters(
            send(CommandAPDU(0x00, 0xA4, 0x09, 0x04, data: absolute(path), expectedLength: 256)))
    }

    func selectSilently(_ path: FilePath) throws(CardError) {
        _ = try send(CommandAPDU(0x00, 0xA4, 0x09, 0x0C, data: absolute(path)))
    }

    /// Selects with P2 = 04, the only form in traces of real cards (cards.md §9.2). With T=0 the FCI is left
    /// unfetched; with T=1 it is in the response.
    func selectFile(_ path: FilePath) throws(CardError) {
        let command = CommandAPDU(
            0x00, 0xA4, 0x09, 0x04, data: absolute(path), expectedLength: isContactless ? 256 : nil)
        _ = try send(command)
    }

    var selectedPath: FilePath? {
        guard let last = exchange.lastSelection, last.cla == applicationClass, last.p1 == 0x09 else { return nil }
        return FilePath(last.data)
    }

    private func absolute(_ path: FilePath) -> [UInt8] { FilePath.masterFile + path.bytes }

    // MARK: PINs

    /// Reads the PINs' data objects, which can only be reached from the master file (cards.md §3.3).
    func retryCounters(of pins: [PINObject]) throws(CardError) -> [RetryCounter?] {
        if pins.isEmpty { return [] }
        try selectSilently(FilePath())
        var counters: [RetryCounter?] = []
        for pin in pins {
            let request: [UInt8] = [0x4D, 0x08, 0x70, 0x06, 0xBF, 0x81, pin.reference, 0x02, 0xA0, 0x80]
            let response = try answer(to: CommandAPDU(0x00, 0xCB, 0x3F, 0xFF, data: request, expectedLength: 256))
            if CardError.status(response.status).saysApplicationLost { throw .status(response.status) }
            counters.append(response.status.isSuccess ? try? CPS3Commands.retryCounter(in: response.data) : nil)
        }
        return counters
    }

    /// VERIFY without data presents no PIN. If a card counts it as a wrong PIN anyway, one try must still be left.
    func isPresented(_ pin: PINObject) throws(CardError) -> Bool {
        guard let left = try retryCounters(of: [pin]).first??.left, left > 1 else { return false }
        return try answer(to: CommandAPDU(applicationClass, 0x20, 0x00, pin.reference)).status.isSuccess
    }

    /// 70 { BF81xx { A0 { 9A maximum, 9B left, 9D uses left ... } } }
    private static func retryCounter(in data: [UInt8]) throws(MalformedBytes) -> RetryCounter {
        var reader = BERTLVReader(data)
        var template = try reader.next(tag: 0x70).children
        guard let object = try template.next() else { throw .missing(tag: 0xBF81) }
        var content = object.children
        let attributes = try content.next(tag: 0xA0).children
        guard let maximum = try attributes.first(tag: 0x9A)?.value.last,
            let left = try attributes.first(tag: 0x9B)?.value.last
        else { throw .missing(tag: 0x9B) }
        var counter = RetryCounter(left: Int(min(left, maximum)), maximum: Int(maximum))
        if let uses = try attributes.first(tag: 0x9D), uses.value.allSatisfy({ $0 == 0 }) { counter.left = 0 }
        return counter
    }

    func verify(_ pin: PINObject, block: borrowing SecretBytes) throws(CardError) -> StatusWord {
        try sendSecret(ins: 0x20, p1: 0x00, p2: pin.reference, data: block)
    }

    /// Verifies the old PIN first. CHANGE REFERENCE DATA contains both PINs without a separator: with an unpadded old
    /// PIN that has a digit too many, the card could find its own PIN at the start and take the rest for the new one.
    func change(
        _ pin: PINObject, from old: borrowing SecretBytes, to new: borrowing SecretBytes
    ) throws(CardError) -> StatusWord {
        let status = try verify(pin, block: old)
        guard status.isSuccess else { return status }
        var both = SecretBytes(capacity: old.count + new.count)
        both.append(old)
        both.append(new)
        return try sendSecret(ins: 0x24, p1: 0x00, p2: pin.reference, data: both)
    }

    func unblock(_ pin: PINObject, to new: borrowing SecretBytes) throws(CardError) -> StatusWord {
        try sendSecret(ins: 0x2C, p1: 0x02, p2: pin.reference, data: new)
    }

    func verifyHeader(of pin: PINObject) -> [UInt8] { [applicationClass, 0x20, 0x00, pin.reference] }

    /// CHANGE REFERENCE DATA contains both PINs. A keypad puts each at a fixed position, so the blocks must have a
    /// fixed length, as on real cards.
    func keypadChange(of pin: PINObject) -> KeypadChange? {
        guard pin.paddedLength != nil else { return nil }
        return KeypadChange(header: [applicationClass, 0x24, 0x00, pin.reference], carriesOldPIN: true)
    }

    func unblockHeader(of pin: PINObject) -> [UInt8] { [applicationClass, 0x2C, 0x02, pin.reference] }

    func prepareUnblocking(of pin: PINObject) -> StatusWord { .success }

    // MARK: Keys

    func perform(_ operation: KeyOperation, with key: KeyObject) throws(CardError) -> [UInt8] {
        guard let reference = key.reference else { throw .operationNotSupported }
        switch operation {
        case .signDigest(let hash, let digest):
            try setEnvironment(template: 0xB6, algorithm: hash.signatureAlgorithm, key: reference)
            return try send(CommandAPDU(0x00, 0x2A, 0x9E, 0x9A, data: digest, expectedLength: 256))
        case .signLastRound(let hash, let state, let lastBlock):
            try setEnvironment(template: 0xAA, algorithm: hash.hashAlgorithm, key: nil)
            let data = BERTLV.encode(tag: 0x90, state) + BERTLV.encode(tag: 0x80, lastBlock)
            _ = try send(CommandAPDU(0x00, 0x2A, 0x90, 0xA0, data: data))
            try setEnvironment(template: 0xB6, algorithm: hash.signatureAlgorithm, key: reference)
            return try send(CommandAPDU(0x00, 0x2A, 0x9E, 0x9A, expectedLength: 256))
        case .authenticate(let data):
            try setEnvironment(template: 0xA4, algorithm: 0x02, key: reference)
            return try send(CommandAPDU(0x00, 0x88, 0x00, 0x00, data: data, expectedLength: 256))
        case .decrypt(let cryptogram):
            try setEnvironment(template: 0xB8, algorithm: 0x1A, key: reference)
            let data = [CPS3Commands.paddingIndicator] + cryptogram
            return try sendChained(CommandAPDU(0x00, 0x2A, 0x80, 0x86, data: data, expectedLength: 256))
        case .signPSS, .raw:
            throw .operationNotSupported
        }
    }

    /// The byte before an RSA cryptogram (ISO/IEC 7816-8 §11.4; cards.md §4.4 d).
    private static let paddingIndicator: UInt8 = 0x81

    private func setEnvironment(template: UInt8, algorithm: UInt8, key: UInt8?) throws(CardError) {
        var data: [UInt8] = [0x80, 0x01, algorithm]
        if let key { data += [0x84, 0x01, key] }
        _ = try send(CommandAPDU(0x00, 0x22, 0x41, template, data: data))
    }

    // MARK: The CPS2ter volet

    /// Reads a file of the CPS2ter volet, then selects the IAS applet again: until then the card would refuse all our
    /// commands (cards.md §2.14).
    func readCPS2terFile(_ path: FilePath) throws(CardError) -> [UInt8] {
        let data: [UInt8]
        do throws(CardError) {
            data = try readCPS2terFileOnly(path)
        } catch {
            try selectApplet()
            throw error == .status(CPS3Commands.pinNotPresented) ? .status(.securityStatusNotSatisfied) : error
        }
        try selectApplet()
        return data
    }

    /// The CPS2ter volet's status in place of 6982 (cards.md §1.7).
    private static let pinNotPresented = StatusWord(rawValue: 0x9804)

    private func readCPS2terFileOnly(_ path: FilePath) throws(CardError) -> [UInt8] {
        try selectCPS2ter(FilePath.masterFile)
        var rest = path.bytes[...]
        while rest.count > 2 {
            try selectCPS2ter(Array(rest.prefix(2)))
            rest = rest.dropFirst(2)
        }
        let answer = try send(CommandAPDU(0xA0, 0xA4, 0x00, 0x00, data: Array(rest), expectedLength: 256))
        let size = try CPS3Commands.cps2terFileSize(in: answer)
        let data = try readBinary(cla: 0xA0, .bytes(size))
        guard data.count == size else { throw .malformed(.truncated) }
        return data
    }

    /// 85 { size (2 bytes), file identifier (2), type (1) ... }
    private static func cps2terFileSize(in answer: [UInt8]) throws(CardError) -> Int {
        do throws(MalformedBytes) {
            var reader = BERTLVReader(answer)
            var header = ByteReader(try reader.next(tag: 0x85).value)
            return Int(try header.readUnsigned(count: 2))
        } catch {
            throw .malformed(error)
        }
    }

    private func selectCPS2ter(_ identifier: [UInt8]) throws(CardError) {
        _ = try send(CommandAPDU(0xA0, 0xA4, 0x00, 0x00, data: identifier))
    }
}

/// The applet on both kinds of card.
enum Applet {
    static let identifier: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00]
}

extension CardHash {
    /// IAS-ECC algorithm references (cards.md §4.2).
    fileprivate var hashAlgorithm: UInt8 {
        switch self {
        case .sha1: 0x10
        case .sha256: 0x40
        }
    }

    fileprivate var signatureAlgorithm: UInt8 { hashAlgorithm | 0x02 }
}
