// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The card's contents according to its directories (cards.md §2.7 to §2.13).
extension CPSCard {
    /// Reads the directory of PINs.
    /// - Throws: as `readKeysAndCertificates`.
    public func readPINs(of identity: CardIdentity) throws(CardError) -> CardPINs {
        defer { save() }
        return try whole { () throws(CardError) in
            let application = application
            var found = CardPINs()
            let pins = try readDirectories(
                identity.directory.authenticationObjects, isComplete: &found.isComplete,
                isKnownGood: { model != .cps3 || $0.map(\.reference) == CPSCard.cps3References }
            ) { (element) throws(MalformedBytes) in try PINObject(element, application: application) }
            found.userPIN = pins.first { !$0.isSecurityOfficerPIN && !$0.isUnblockingPIN }
            found.puk = CPSCard.puk(among: pins, of: found.userPIN)
            return found
        }
    }

    /// The references of a CPS3's PIN and unblocking code (cards.md §3.1). A cached directory with other references
    /// is not used, since it would present the PIN under a wrong reference.
    private static let cps3References: [UInt8] = [0x01, 0x02]

    /// Finds the unblocking code. On real CPS3 cards only the security officer flag marks it. No CPS4 directory is
    /// published (cards.md §2.9, §9.1), so the other signs are tried too: the identifier in the user's PIN, the
    /// unblocking flag, and the second entry.
    private static func puk(among pins: [PINObject], of userPIN: PINObject?) -> PINObject? {
        let others = pins.filter { $0 != userPIN }
        return others.first { $0.isSecurityOfficerPIN }
            ?? others.first { $0.identifier == userPIN?.unblockingIdentifier } ?? others.first { $0.isUnblockingPIN }
            ?? others.first
    }

    /// Reads the directories of private keys and certificates. Malformed directories or entries are skipped;
    /// `isComplete` is false then.
    /// - Throws: `CardError.channel` if the card cannot be reached.
    public func readKeysAndCertificates(of identity: CardIdentity) throws(CardError) -> CardKeysAndCertificates {
        defer { save() }
        return try whole { () throws(CardError) in
            let application = application
            let key = { (element: BERTLV) throws(MalformedBytes) in try KeyObject(element, application: application) }
            var contents = CardKeysAndCertificates()
            contents.privateKeys = try readDirectories(
                identity.directory.privateKeys, isComplete: &contents.isComplete, as: key)
            contents.certificates = try readDirectories(
                identity.directory.certificates, isComplete: &contents.isComplete
            ) { (element) throws(MalformedBytes) in try CertificateObject(element, application: application) }
            return contents
        }
    }

    /// Reads the directory of public keys.
    /// - Throws: as `readKeysAndCertificates`.
    public func readPublicKeys(
        of identity: CardIdentity, besides contents: CardKeysAndCertificates
    ) throws(CardError) -> CardKeysAndCertificates {
        defer { save() }
        return try whole { () throws(CardError) in
            let application = application
            var contents = contents
            contents.isComplete = true
            contents.publicKeys = try readDirectories(
                identity.directory.publicKeys, isComplete: &contents.isComplete, mayBeEmpty: model != .cps4
            ) { (element) throws(MalformedBytes) in try KeyObject(element, application: application) }
            return contents
        }
    }

    /// Reads the directory of data objects.
    /// - Throws: as `readKeysAndCertificates`.
    public func readDataObjects(of identity: CardIdentity) throws(CardError) -> CardDataObjects {
        defer { save() }
        return try whole { () throws(CardError) in
            let application = application
            var contents = CardDataObjects()
            contents.objects = try readDirectories(
                identity.directory.dataObjects, isComplete: &contents.isComplete
            ) { (element) throws(MalformedBytes) in try DataObject(element, application: application) }
            contents.objects.removeAll { $0.place == .application(.file(.updateLog, offset: 0, count: nil)) }
            if model == .cps3 { contents.objects += DataObject.cps2terObjects(besides: contents.objects) }
            return contents
        }
    }

    /// Decodes directory files, from the cache or the card. An empty one counts as incomplete, since it may be a
    /// garbled answer, unless cards have empty ones.
    /// - Parameter isKnownGood: whether to use the cached entries.
    private func readDirectories<Object>(
        _ paths: [FilePath], isComplete: inout Bool, mayBeEmpty: Bool = false,
        isKnownGood: ([Object]) -> Bool = { _ in true },
        as make: (BERTLV) throws(MalformedBytes) -> Object
    ) throws(CardError) -> [Object] {
        var all: [Object] = []
        for path in paths {
            if let known = cached?[path] {  // checked: a dictionary
                let (objects, isIntact) = PKCS15Directory.decode(known, as: make)
                if isIntact, mayBeEmpty || !objects.isEmpty, isKnownGood(objects) {
                    all += objects
                    continue
                }
            }
            let file = try readable { () throws(CardError) in try commands.readFile(path, .elements) }
            let (objects, isIntact) = file.map { PKCS15Directory.decode($0, as: make) } ?? ([], false)
            all += objects
            guard isIntact, mayBeEmpty || !objects.isEmpty else {
                isComplete = false
                continue
            }
            if let file { cached?.add(file, at: path) }
        }
        return all
    }
}
