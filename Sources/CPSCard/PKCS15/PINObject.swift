// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// A PIN that the card verifies: the user's ("code porteur") or the unblocking code (ISO/IEC 7816-15 §8.9, cards.md
/// §2.9).
public struct PINObject: Sendable, Equatable {
    /// How the characters of a PIN become bytes.
    public enum Coding: Sendable, Equatable {
        /// Two digits per byte.
        case bcd
        /// One character per byte.
        case characters
    }

    /// The PIN's name in the directory, for people.
    public var label: String
    /// The identifier with which other objects refer to this PIN.
    public var identifier: [UInt8]
    /// The identifier of the PIN that unblocks this one; nil if the directory names none.
    public var unblockingIdentifier: [UInt8]?
    /// How the characters are packed into the bytes of a command.
    public var coding: Coding
    /// The least number of characters.
    public var minimumLength: Int
    /// The greatest number of characters, from `minimumLength` to 64.
    public var maximumLength: Int
    /// The length of a padded PIN in bytes; nil if PINs are not padded.
    public var paddedLength: Int?
    /// The byte that pads a PIN. Its low half completes an odd number of BCD digits.
    public var paddingByte: UInt8
    /// The reference in VERIFY and the other PIN commands (P2).
    public var reference: UInt8
    /// The file to select before the PIN is presented; nil for none.
    public var path: FilePath?
    /// The soPin flag: C_Login presents this PIN for CKU_SO. CPS cards set it for the unblocking code.
    public var isSecurityOfficerPIN: Bool
    /// The unblockingPin flag: this PIN resets another PIN's retry counter. CPS cards set `isSecurityOfficerPIN`
    /// instead.
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
        // Such lengths fit in no command: the file is damaged.
        guard minimumLength <= maximumLength, maximumLength <= 64, (paddedLength ?? 0) <= 64 else {
            throw .invalidContent(tag: DER.integer)
        }
    }

    /// The bytes of this PIN in a command (cards.md §3.2).
    /// - Throws: `CardError.pinLength` if it is too short or too long, `.pinCharacters` if it has characters other
    ///   than digits.
    public func block(for pin: borrowing SecretBytes) throws(CardError) -> SecretBytes {
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        // VERIFY without data would only return the counter, and succeed if another program has presented the PIN.
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
