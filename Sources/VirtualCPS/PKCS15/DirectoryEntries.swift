// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The entries of the PKCS#15 directory files, in the form of the blueprint
/// (cards.md §2.9-§2.13, §9.4).

/// An entry of the AODF: a PIN.
struct PINDirectoryEntry {
    var label: String
    /// The PIN that unblocks this one.
    var unblockedBy: UInt8?
    var identifier: UInt8
    /// The numbers of the bits that are set (cards.md §2.9).
    var pinFlags: [Int]
    /// How many digits it has.
    var lengths: ClosedRange<Int>
    var reference: UInt8
    /// The padding character, present or not.
    var padCharacter: UInt8?

    var encoded: [UInt8] {
        var common = [DER.utf8(label), DER.bits([])]
        if let unblockedBy { common.append(DER.octets([unblockedBy])) }
        let attributes =
            [
                DER.bits(pinFlags), DER.number(1, tag: DER.enumerated), DER.number(lengths.lowerBound), DER.number(8),
                DER.number(lengths.upperBound), BERTLV.encode(tag: 0x80, [reference]),
            ] + (padCharacter.map { [DER.octets([$0])] } ?? [])
        return DER.sequence([
            DER.sequence(common), DER.sequence([DER.octets([identifier])]),
            BERTLV.encode(tag: 0xA1, DER.sequence(attributes)),
        ])
    }
}

/// An entry of the PrKDF or the PuKDF.
struct KeyEntry {
    var label: String
    var flags: [Int]
    var authenticationIdentifier: UInt8?
    var identifier: [UInt8]
    var usage: [Int]
    /// native, accessFlags and keyReference of a private key.
    var privateKey: (accessFlags: [Int], reference: Int)?

    var encoded: [UInt8] {
        var common = [DER.utf8(label)]
        if !flags.isEmpty { common.append(DER.bits(flags)) }
        if let authenticationIdentifier { common.append(DER.octets([authenticationIdentifier])) }
        var attributes = [DER.octets(identifier), DER.bits(usage)]
        if let privateKey {
            attributes += [DER.true_, DER.bits(privateKey.accessFlags), DER.number(privateKey.reference)]
        }
        return DER.sequence([
            DER.sequence(common), DER.sequence(attributes),
            BERTLV.encode(tag: 0xA1, DER.sequence([DER.path([]), DER.number(2048)])),
        ])
    }
}

/// An entry of the CDF.
struct CertificateEntry {
    var label: String
    /// The common attributes' flags, encoded.
    var flags: [UInt8]
    var identifier: [UInt8]
    var path: VirtualFilePath

    var encoded: [UInt8] {
        DER.sequence([
            DER.sequence([DER.utf8(label), flags]), DER.sequence([DER.octets(identifier)]),
            BERTLV.encode(tag: 0xA1, DER.sequence([DER.path(path.absoluteBytes)])),
        ])
    }
}

/// An entry of the DODF.
struct DataEntry {
    var label: String
    var flags: [Int] = []
    var authenticationIdentifier: UInt8?
    var path: VirtualFilePath

    var encoded: [UInt8] {
        var common = [DER.utf8(label)]
        if !flags.isEmpty { common.append(DER.bits(flags)) }
        if let authenticationIdentifier { common.append(DER.octets([authenticationIdentifier])) }
        return DER.sequence([
            DER.sequence(common), DER.sequence([DER.utf8("CPS")]),
            BERTLV.encode(tag: 0xA1, DER.path(path.absoluteBytes)),
        ])
    }
}

/// EF.ODF: which directory files there are (cards.md §2.7 step 5).
enum ObjectDirectoryFile {
    /// - Parameter entries: context tag number and directory file, in order.
    static func encoded(_ entries: [(tag: UInt32, path: VirtualFilePath)]) -> [UInt8] {
        entries.flatMap { BERTLV.encode(tag: 0xA0 | $0.tag, DER.path($0.path.absoluteBytes)) }
    }
}
