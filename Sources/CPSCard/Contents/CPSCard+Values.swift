// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// The values of certificates and data objects.
extension CPSCard {
    /// The beginning of a certificate, at least up to its public key, for X509Certificate. It is half as long as the
    /// whole.
    /// - Throws: `CardError` if it cannot be read.
    public func readCertificateFields(_ certificate: CertificateObject) throws(CardError) -> [UInt8] {
        if let known = knownFile(certificate.value), CPSCard.hasUsableKey(known) { return known }
        let start = try reading(
            { () throws(CardError) in
                try forgettingWhatIsNotFound { () throws(CardError) in try read(certificate.value, .certificateFields) }
            }, isSound: CPSCard.hasUsableKey)
        cache(start, of: certificate)
        return start
    }

    /// The whole certificate: one X.509 Certificate in DER, without the bytes after it in its file (cards.md §2.12).
    /// - Parameter start: its first bytes, if they are already read.
    /// - Throws: `CardError` if it cannot be read; `.malformed(.truncated)` if it is not a certificate.
    public func readCertificate(
        _ certificate: CertificateObject, after start: [UInt8] = []
    ) throws(CardError) -> [UInt8] {
        var start = [start, knownFile(certificate.value) ?? []].first(where: CPSCard.hasUsableKey) ?? []
        if let known = CPSCard.certificate(in: start) { return known }
        let file = try reading(
            { () throws(CardError) in
                // After a garbled beginning, the second attempt reads from the start.
                defer { start = [] }
                return try forgettingWhatIsNotFound { () throws(CardError) in
                    try readOn(certificate.value, after: start)
                }
            }, isSound: { CPSCard.certificate(in: $0).map(X509Certificate.isIntact) ?? false })
        guard let bytes = CPSCard.certificate(in: file) else { throw .malformed(.truncated) }
        cache(file, of: certificate)
        return bytes
    }

    /// Reads the rest of a certificate's file, or all of it if the beginning does not contain the length.
    private func readOn(_ value: PKCS15Value, after start: [UInt8]) throws(CardError) -> [UInt8] {
        guard case .file(let path, offset: 0, count: nil) = value,
            let missing = FileExtent.firstElement.missing(after: start), missing > 0
        else { return try read(value, .firstElement) }
        return start + (try commands.readFile(path, offset: start.count, .bytes(missing)))
    }

    private func cache(_ file: [UInt8], of certificate: CertificateObject) {
        if !certificate.isPrivate, CPSCard.hasUsableKey(file) { cache(file, at: certificate.value) }
    }

    private static func hasUsableKey(_ certificate: [UInt8]) -> Bool {
        (try? X509Certificate(parsing: certificate))?.publicKey != nil
    }

    private static func certificate(in file: [UInt8]) -> [UInt8]? {
        var reader = BERTLVReader(file)
        guard let element = try? reader.next(tag: DER.sequence) else { return nil }
        return withoutUnusedSignatureBits(element)
    }

    /// The value of a data object, exactly as in its file.
    /// - Parameter pin: the presented PIN; nil for none.
    /// - Throws: `CardError.notLoggedIn` if the object needs a PIN and this program is not logged in;
    ///   `.status(.securityStatusNotSatisfied)` if the card has lost the login; `.accessRefused` if the PIN is still
    ///   presented, so the object needs more than the PIN.
    public func readData(_ object: DataObject, after pin: PINObject? = nil) throws(CardError) -> [UInt8] {
        do throws(CardError) {
            return try value(of: object)
        } catch {
            guard let pin, error == .status(.securityStatusNotSatisfied) else { throw error }
            throw try transaction { () throws(CardError) in try commands.isPresented(pin) } ? .accessRefused : error
        }
    }

    private func value(of object: DataObject) throws(CardError) -> [UInt8] {
        if let known = knownValue(of: object) { return known }
        let value = try reading(
            { () throws(CardError) in
                if object.isPrivate { try requireLogin() }
                switch object.place {
                case .application(let value):
                    return try forgettingWhatIsNotFound { () throws(CardError) in try read(value, .whole) }
                case .cps2ter(let path):
                    guard let commands = commands as? CPS3Commands else { throw .operationNotSupported }
                    return try commands.readCPS2terFile(path)
                }
            }, isSound: { CPSCard.isSound($0, as: object) })
        cache(value, of: object)
        return value
    }

    /// The cached value of an object that anyone may read and no program writes. Never on a CPS4: after an update of
    /// its data it may still have the same fingerprint, and an outdated speciality would do harm.
    private func knownValue(of object: DataObject) -> [UInt8]? {
        guard model != .cps4, !object.isPrivate, !object.isModifiable, case .application(let value) = object.place
        else { return nil }
        return knownFile(value)
    }

    /// Caches the value of such an object. Not while a PIN is presented: the card may refuse the value to others,
    /// whatever the directory says. And only a series of data objects, as all of these values are: anything else may
    /// be a garbled answer.
    private func cache(_ file: [UInt8], of object: DataObject) {
        guard model != .cps4, !object.isPrivate, !object.isModifiable, !login.now.mayBeOpen,
            case .application(let value) = object.place, CPSCard.isSeriesOfElements(file)
        else { return }
        cache(file, at: value)
    }

    /// Whether a value is plausible for an object. Programs may write anything; CPS2TER_ATR is an answer to reset;
    /// all others are consecutive data objects (cards.md §5).
    private static func isSound(_ file: [UInt8], as object: DataObject) -> Bool {
        guard let first = file.first else { return false }
        return object.isModifiable || isSeriesOfElements(file)
            || object.label == "CPS2TER_ATR" && (first == 0x3B || first == 0x3F)
    }

    private static func isSeriesOfElements(_ file: [UInt8]) -> Bool {
        var reader = BERTLVReader(file)
        while let first = reader.remaining.first, first != 0x00, first != 0xFF {
            guard (try? reader.next()) != nil else { return false }
        }
        return reader.remaining.count < file.count && reader.remaining.allSatisfy { $0 == 0x00 || $0 == 0xFF }
    }

    private func knownFile(_ value: PKCS15Value) -> [UInt8]? {
        guard case .file(let path, offset: 0, count: nil) = value else { return nil }
        return cached?[path]  // checked: a dictionary
    }

    private func cache(_ file: [UInt8], at value: PKCS15Value) {
        guard case .file(let path, offset: 0, count: nil) = value else { return }
        cached?.add(file, at: path)
        save()
    }

    /// If a file is not where a directory says, the cached directory is outdated and dropped.
    private func forgettingWhatIsNotFound<Result>(
        _ read: () throws(CardError) -> Result
    ) throws(CardError) -> Result {
        do throws(CardError) {
            return try read()
        } catch  where error == .status(.fileNotFound) {
            dropMemory()
            throw error
        }
    }

    /// Writes the value of a data object, padded with zero bytes to the size of its file.
    /// - Throws: `CardError.valueTooLong` and `.operationNotSupported` before anything is written; `.notLoggedIn`.
    public func writeData(_ value: [UInt8], to object: DataObject) throws(CardError) {
        guard object.isModifiable, case .application(.file(let path, offset: 0, count: nil)) = object.place else {
            throw .operationNotSupported
        }
        try transaction { () throws(CardError) in
            if object.isPrivate { try requireLogin() }
            try commands.updateFile(path, with: value)
        }
    }

    /// Random bytes from the card's generator, eight per command.
    /// - Throws: `CardError` if the card cannot be reached or refuses.
    public func random(count: Int) throws(CardError) -> [UInt8] {
        try transaction { () throws(CardError) in try commands.challenge(count: count) }
    }

    private func read(_ value: PKCS15Value, _ extent: FileExtent) throws(CardError) -> [UInt8] {
        switch value {
        case .direct(let bytes): return bytes
        case .none: return []
        case .file(let path, let offset, let count):
            return try commands.readFile(path, offset: offset, count.map(FileExtent.bytes) ?? extent)
        }
    }

    /// Some cards' certificates count unused bits in their signature, although an RSA signature has none. That octet
    /// is set to 00, as the official library does.
    private static func withoutUnusedSignatureBits(_ certificate: BERTLV) -> [UInt8] {
        var bytes = Array(certificate.encoding)
        var parts = certificate.children
        guard (try? parts.next(tag: DER.sequence)) != nil, (try? parts.next(tag: DER.sequence)) != nil,
            let signature = try? parts.next(tag: DER.bitString), !signature.value.isEmpty
        else { return bytes }
        // checked: the first byte of a value of these bytes
        bytes[signature.value.startIndex - certificate.encoding.startIndex] = 0
        return bytes
    }
}
