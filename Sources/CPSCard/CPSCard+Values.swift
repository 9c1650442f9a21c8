import ISO7816
import SmartCardBytes

/// The values of certificates and data objects.
extension CPSCard {
    /// The certificate itself: one X.509 Certificate in DER, without what may
    /// follow it in its file (cards.md §2.12).
    public func readCertificate(_ certificate: CertificateObject) throws(CardError) -> [UInt8] {
        let file = try transaction { () throws(CardError) in try read(certificate.value, .firstElement) }
        var reader = BERTLVReader(file)
        guard let element = try? reader.next(tag: DER.sequence) else { throw .malformed(.truncated) }
        return CPSCard.withoutUnusedSignatureBits(element)
    }

    /// The value of a data object, exactly as its file holds it.
    /// - Throws: `CardError.status(.securityStatusNotSatisfied)` when it needs a
    ///   PIN that is not presented.
    public func readData(_ object: DataObject) throws(CardError) -> [UInt8] {
        try transaction { () throws(CardError) in
            switch object.place {
            case .application(let value): return try read(value, .whole)
            case .cps2ter(let path):
                guard let commands = commands as? CPS3Commands else { throw .operationNotSupported }
                return try commands.readCPS2terFile(path)
            }
        }
    }

    /// Replaces the value of a data object; a shorter value is filled with zero
    /// bytes to the size of its file.
    /// - Throws: `CardError.valueTooLong` before a byte is written.
    public func writeData(_ value: [UInt8], to object: DataObject) throws(CardError) {
        guard object.isModifiable, case .application(.file(let path, offset: 0, count: nil)) = object.place else {
            throw .operationNotSupported
        }
        try transaction { () throws(CardError) in try commands.updateFile(path, with: value) }
    }

    /// Random bytes made by the card.
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

    /// Some cards' certificates count unused bits in their signature, which no
    /// RSA signature has: that octet becomes 00, as the official library makes it.
    private static func withoutUnusedSignatureBits(_ certificate: BERTLV) -> [UInt8] {
        var bytes = Array(certificate.encoding)
        var parts = certificate.children
        guard (try? parts.next(tag: DER.sequence)) != nil, (try? parts.next(tag: DER.sequence)) != nil,
            let signature = try? parts.next(tag: DER.bitString), !signature.value.isEmpty
        else { return bytes }
        bytes[signature.value.startIndex - certificate.encoding.startIndex] = 0
        return bytes
    }
}
