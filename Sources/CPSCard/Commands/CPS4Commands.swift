// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// The commands of a CPS4's ChipDoc applet, on logical channel 1 (cards.md §1.6, §3, §4.5).
struct CPS4Commands: CardCommands {
    let exchange: CommandExchange

    let applicationClass: UInt8 = 0x01
    let applicationIdentifier: [UInt8] = [
        0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x10,
    ]

    init() {
        exchange = CommandExchange(maximumResponseLength: 256)
    }

    /// Selects the applet. If the card refuses, uses the detour of the official library (cards.md §1.6).
    func selectApplet() throws(CardError) {
        let select = CommandAPDU(0x01, 0xA4, 0x04, 0x0C, data: Applet.identifier)
        if try answer(to: select).status.isSuccess { return }
        _ = try answer(to: CommandAPDU(0x01, 0xA4, 0x04, 0x0C, data: [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00]))
        _ = try answer(
            to: CommandAPDU(0x00, 0xA4, 0x04, 0x0C, data: [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x02]))
        _ = try send(select)
    }

    func select(_ path: FilePath) throws(CardError) -> FileControlParameters {
        try parseFileControlParameters(send(selection(of: path, expectedLength: 256)))
    }

    func selectSilently(_ path: FilePath) throws(CardError) {
        _ = try send(selection(of: path, expectedLength: nil))
    }

    func selectFile(_ path: FilePath) throws(CardError) { try selectSilently(path) }

    var selectedPath: FilePath? {
        guard let last = exchange.lastSelection, last.cla == applicationClass, last.p1 == 0x08 else { return nil }
        return FilePath(last.data)
    }

    private func selection(of path: FilePath, expectedLength: Int?) -> CommandAPDU {
        path.bytes.isEmpty
            ? CommandAPDU(0x01, 0xA4, 0x00, 0x00, data: FilePath.masterFile, expectedLength: expectedLength)
            : CommandAPDU(0x01, 0xA4, 0x08, 0x00, data: path.bytes, expectedLength: expectedLength)
    }

    // MARK: PINs

    /// VERIFY without data returns the retry counter and presents no PIN (cards.md §3.3).
    func retryCounters(of pins: [PINObject]) throws(CardError) -> [RetryCounter?] {
        var counters: [RetryCounter?] = []
        for pin in pins {
            let status = try answer(to: CommandAPDU(0x01, 0x20, 0x00, pin.reference)).status
            if CardError.status(status).saysApplicationLost { throw .status(status) }
            counters.append(CPS4Commands.retryCounter(from: status))
        }
        return counters
    }

    func isPresented(_ pin: PINObject) throws(CardError) -> Bool {
        try answer(to: CommandAPDU(applicationClass, 0x20, 0x00, pin.reference)).status.isSuccess
    }

    private static let maximumTries = 3

    private static func retryCounter(from status: StatusWord) -> RetryCounter? {
        if let left = status.triesLeft { return RetryCounter(left: left, maximum: max(left, maximumTries)) }
        switch status {
        case .authenticationMethodBlocked: return RetryCounter(left: 0, maximum: maximumTries)
        case .success: return RetryCounter(left: nil, maximum: maximumTries)
        default: return nil
        }
    }

    func verify(_ pin: PINObject, block: borrowing SecretBytes) throws(CardError) -> StatusWord {
        try sendSecret(ins: 0x20, p1: 0x00, p2: pin.reference, data: block)
    }

    /// Verifies the old PIN, and sets the new one only if that succeeds.
    func change(
        _ pin: PINObject, from old: borrowing SecretBytes, to new: borrowing SecretBytes
    ) throws(CardError) -> StatusWord {
        let status = try verify(pin, block: old)
        guard status.isSuccess else { return status }
        return try setReferenceData(pin, to: new)
    }

    func unblock(_ pin: PINObject, to new: borrowing SecretBytes) throws(CardError) -> StatusWord {
        let status = try prepareUnblocking(of: pin)
        guard status.isSuccess else { return status }
        return try setReferenceData(pin, to: new)
    }

    private func setReferenceData(_ pin: PINObject, to new: borrowing SecretBytes) throws(CardError) -> StatusWord {
        try sendSecret(ins: 0x24, p1: 0x01, p2: pin.reference, data: new)
    }

    func verifyHeader(of pin: PINObject) -> [UInt8] { [applicationClass, 0x20, 0x00, pin.reference] }

    func keypadChange(of pin: PINObject) -> KeypadChange? {
        KeypadChange(header: [applicationClass, 0x24, 0x01, pin.reference], carriesOldPIN: false)
    }

    func unblockHeader(of pin: PINObject) -> [UInt8] { [applicationClass, 0x24, 0x01, pin.reference] }

    /// Resets the PIN's retry counter, and allows a new PIN to be set.
    func prepareUnblocking(of pin: PINObject) throws(CardError) -> StatusWord {
        try answer(to: CommandAPDU(0x01, 0x2C, 0x03, pin.reference | 0x80)).status
    }

    // MARK: Keys

    func perform(_ operation: KeyOperation, with key: KeyObject) throws(CardError) -> [UInt8] {
        guard let reference = key.reference else { throw .operationNotSupported }
        switch operation {
        case .signDigest(let hash, let digest):
            return try sign(digest, algorithm: hash.signatureAlgorithm, reference: reference)
        case .signPSS(let hash, let digest):
            return try sign(digest, algorithm: hash.pssAlgorithm, reference: reference)
        case .raw(let block), .decrypt(let block):
            _ = try send(CommandAPDU(0x01, 0x22, 0x41, 0xB8, data: [0x83, 0x01, reference]))
            return try sendChained(CommandAPDU(0x01, 0x2A, 0x80, 0x86, data: block, expectedLength: 256))
        case .signLastRound, .authenticate:
            throw .operationNotSupported
        }
    }

    private func sign(_ digest: [UInt8], algorithm: UInt8, reference: UInt8) throws(CardError) -> [UInt8] {
        let environment: [UInt8] = [0x91, 0x02, algorithm, reference | 0x80]
        _ = try send(CommandAPDU(0x01, 0x22, 0x81, 0xB6, data: environment))
        return try send(CommandAPDU(0x01, 0x2A, 0x9E, 0x9A, data: digest, expectedLength: 256))
    }
}

extension CardHash {
    /// ChipDoc algorithm references (cards.md §4.2).
    fileprivate var signatureAlgorithm: UInt8 {
        switch self {
        case .sha1: 0x0A
        case .sha256: 0x28
        }
    }

    fileprivate var pssAlgorithm: UInt8 {
        switch self {
        case .sha1: 0x15
        case .sha256: 0x2C
        }
    }
}
