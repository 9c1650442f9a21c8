// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// A code that the card compares: the user's PIN ("code porteur") or the
/// unblocking code (ISO/IEC 7816-15 §8.9, cards.md §2.9).
public struct PINObject: Sendable, Equatable {
    /// How the characters of a PIN become bytes.
    public enum Coding: Sendable, Equatable {
        /// Two digits a byte.
        case bcd
        /// One character a byte.
        case characters
    }

    /// The name in the directory, for people.
    public var label: String
    /// The identifier by which other objects name this PIN.
    public var identifier: [UInt8]
    /// The identifier of the PIN that unblocks this one.
    public var unblockingIdentifier: [UInt8]?
    /// How the characters are packed into the bytes of a command.
    public var coding: Coding
    /// The fewest characters that the card takes.
    public var minimumLength: Int
    /// The most characters that the card takes; at most 64, `minimumLength` or more.
    public var maximumLength: Int
    /// The number of bytes that a padded PIN is sent in; nil when PINs are sent
    /// as long as they are.
    public var paddedLength: Int?
    /// The byte that fills a padded PIN up; its low half fills the last byte of an odd number of BCD digits.
    public var paddingByte: UInt8
    /// The reference in VERIFY and its kin (P2).
    public var reference: UInt8
    /// A file to select before the PIN is presented.
    public var path: FilePath?
    /// The soPin flag: C_Login presents this PIN for CKU_SO. Set for the unblocking code of CPS cards.
    public var isSecurityOfficerPIN: Bool
    /// The unblockingPin flag: this PIN resets the retry counter of another one. CPS cards set
    /// `isSecurityOfficerPIN` instead.
    public var isUnblockingPIN: Bool

    init(_ element: BERTLV, application: FilePath) throws(MalformedBytes) {
        let entry = try PKCS15Entry(element)
        var identity = entry.classAttributes
        identifier = Array(try identity.next(tag: DER.octetString).value)
        label = entry.label
        unblockingIdentifier = entry.authenticationID

        var attributes = entry.typeAttributes
        let flags = try attributes.next(tag: DER.bitString).namedBits()
        let type = try attributes.next(tag: DER.enumerated).unsignedInteger()
        minimumLength = try attributes.next(tag: DER.integer).unsignedInteger()
        let storedLength = try attributes.next(tag: DER.integer).unsignedInteger()
        coding = type == 0 || type == 3 ? .bcd : .characters
        let stated = try attributes.nextIfPresent(tag: DER.integer)?.unsignedInteger()
        maximumLength = stated ?? (storedLength == 0 ? 8 : coding == .bcd ? storedLength * 2 : storedLength)
        let number = try attributes.nextIfPresent(tag: 0x80)?.unsignedInteger() ?? 0
        guard let reference = UInt8(exactly: number) else { throw .invalidContent(tag: 0x80) }
        self.reference = reference
        paddingByte = try attributes.nextIfPresent(tag: DER.octetString)?.value.first ?? 0
        _ = try attributes.nextIfPresent(tag: DER.generalizedTime)
        if let element = try attributes.nextIfPresent(tag: DER.sequence),
            case .file(let file, _, _) = try element.pathValue(in: application)
        {
            path = file
        }
        isUnblockingPIN = flags[6]  // checked: absent bits are 0
        isSecurityOfficerPIN = flags[7]  // checked: absent bits are 0
        if flags[5] { paddedLength = coding == .bcd ? storedLength / 2 : storedLength }  // checked: absent bits are 0
        // Lengths that no command could carry come from a damaged file.
        guard minimumLength <= maximumLength, maximumLength <= 64, (paddedLength ?? 0) <= 64 else {
            throw .invalidContent(tag: DER.integer)
        }
    }

    /// The bytes that stand for this PIN in a command (cards.md §3.2).
    /// - Throws: `CardError.pinLength` when it has too few or too many characters,
    ///   `.pinCharacters` when it has others than digits.
    public func block(for pin: borrowing SecretBytes) throws(CardError) -> SecretBytes {
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        // VERIFY without data would ask for the counter, and succeed where another
        // program's presentation stands.
        // checked: compared when it was parsed
        guard (minimumLength...maximumLength).contains(pin.count), !pin.isEmpty else { throw .pinLength }
        guard pin.allSatisfy(isDigit) else { throw .pinCharacters }
        var block = SecretBytes(capacity: max(pin.count, paddedLength ?? 0))
        switch coding {
        case .characters:
            block.append(pin)
        case .bcd:
            pin.withSpan { digits in
                for index in stride(from: 0, to: digits.count, by: 2) {
                    // checked: index is below the count
                    let low = index + 1 < digits.count ? digits[index + 1] : paddingByte
                    block.append(digits[index] << 4 | low & 0x0F)  // checked: index is below the count
                }
            }
        }
        if let paddedLength {
            while block.count < paddedLength { block.append(paddingByte) }
        }
        return block
    }
}
