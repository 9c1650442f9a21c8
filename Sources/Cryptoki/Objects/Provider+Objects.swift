// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import Glibc

/// Object management (PKCS#11 3.1 §5.7).
extension Provider {
    /// The object with this handle, which an earlier search returned. If that was during an earlier insertion of the
    /// same card, its objects are read now.
    func object(_ handle: CK_OBJECT_HANDLE, in session: Session) -> TokenObject? {
        if let known = session.token.knownObjects[handle] { return known }  // checked: objects by handle
        guard session.token.objectFactory.hasGiven(handle) else { return nil }
        return (try? session.token.objects([.publicKeys, .data]))?[handle]  // checked: a dictionary
    }

    /// Whether a session sees an object. Private objects are visible only to a logged-in user.
    private func isVisible(_ object: TokenObject, in session: Session) -> Bool {
        !object.isPrivate || session.token.login.now == .user
    }

    /// Starts a search (C_FindObjectsInit). The objects are found now, and `findObjects` returns them; later changes
    /// have no effect. Directories without possible matches are not read.
    /// - Throws: `.operationActive` if a search is active, or why the card could not be read.
    public func findObjectsInit(_ handle: CK_SESSION_HANDLE, _ template: [Attribute]) throws(CryptokiError) {
        let session = try session(handle)
        let template = Provider.completed(template)
        // This decides whether private objects are visible.
        _ = session.token.currentLogin()
        let objects = try withToken(session) { (token) throws(CardError) in
            try token.objects(ObjectGroups(matching: template))
        }
        try session.operations.withLock { (operations) throws(CryptokiError) in
            guard operations.search == nil else { throw .operationActive }
            let found = try withToken(session) { (token) throws(CardError) in
                var found: [TokenObject] = []
                for object in objects.all where isVisible(object, in: session) {
                    if try object.matches(template, token: token) { found.append(object) }
                }
                let isForCertificates = template.contains {
                    $0.type == CKA_CLASS && $0.value == AttributeValue.number(CKO_CERTIFICATE)
                }
                return isForCertificates ? try Provider.withExpiredLast(found, on: token) : found
            }
            operations.search = SearchOperation(found: found.map(\.handle))
        }
    }

    /// Moves expired certificates to the end, since programs take the first one that matches. Not for searches
    /// without a class, which would have to read the certificates for it.
    private static func withExpiredLast(_ found: [TokenObject], on token: Token) throws(CardError) -> [TokenObject] {
        guard found.count > 1 else { return found }
        let today = CalendarDay.today
        var (valid, expired): ([TokenObject], [TokenObject]) = ([], [])
        for object in found {
            if try object.hasExpired(on: today, token: token) { expired.append(object) } else { valid.append(object) }
        }
        return valid + expired
    }

    /// Firefox searches for certificates by their value alone. The class is added, so that no other object's value is
    /// read (cards.md §7.6).
    private static func completed(_ template: [Attribute]) -> [Attribute] {
        guard template.count == 1, let wanted = template.first, wanted.type == CKA_VALUE,
            (try? X509Certificate(parsing: wanted.value)) != nil
        else { return template }
        return [Attribute(type: CKA_CLASS, value: AttributeValue.number(CKO_CERTIFICATE))] + template
    }

    /// The next handles of the search, at most `count`; empty at the end (C_FindObjects).
    /// - Throws: `.operationNotInitialized` without a search.
    public func findObjects(_ handle: CK_SESSION_HANDLE, count: Int) throws(CryptokiError) -> [CK_OBJECT_HANDLE] {
        let session = try session(handle)
        return try session.operations.withLock { (operations) throws(CryptokiError) in
            guard var search = operations.search else { throw .operationNotInitialized }
            let next = search.next(count)
            operations.search = search
            return next
        }
    }

    /// Ends the search (C_FindObjectsFinal).
    /// - Throws: `.operationNotInitialized` without a search.
    public func findObjectsFinal(_ handle: CK_SESSION_HANDLE) throws(CryptokiError) {
        let session = try session(handle)
        try session.operations.withLock { (operations) throws(CryptokiError) in
            guard operations.search != nil else { throw .operationNotInitialized }
            operations.search = nil
        }
    }

    /// A view of one object during one C_GetAttributeValue.
    public struct ObjectView {
        let object: TokenObject
        let token: Token

        /// The value of an attribute.
        /// - Throws: `.attributeTypeInvalid`, `.attributeSensitive`, or why the value could not be read.
        public func value(of type: CK_ATTRIBUTE_TYPE) throws(CryptokiError) -> [UInt8] {
            try object.value(of: type, token: token)
        }

        /// The object's size on the card in bytes, as far as it is known: that of its value or modulus; 0 for a
        /// profile.
        /// - Throws: why the value could not be read.
        public func size() throws(CryptokiError) -> Int {
            switch object.kind {
            case .certificate, .data: try value(of: CKA_VALUE).count
            case .privateKey(let key, _): (key.modulusLength + 7) / 8
            case .publicKey(let key): (key.modulusLength + 7) / 8
            case .profile: 0
            }
        }
    }

    /// The object with this handle, for reading attributes (C_GetAttributeValue, C_GetObjectSize).
    /// - Throws: `.objectHandleInvalid` if no search has returned the handle, and for a private object without a
    ///   login.
    public func object(
        _ handle: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE
    ) throws(CryptokiError) -> ObjectView {
        let session = try session(handle)
        guard let found = self.object(object, in: session), isVisible(found, in: session) else {
            throw .objectHandleInvalid
        }
        return ObjectView(object: found, token: session.token)
    }

    /// Changes attributes (C_SetAttributeValue). Only the value of CPS_DATA can change (cards.md §5.4, §7.1). Nothing
    /// is written unless all changes are possible.
    /// - Throws: `.objectHandleInvalid`, `.sessionReadOnly`, `.attributeReadOnly`, or why the card could not be
    ///   written.
    public func setAttributes(
        _ handle: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ template: [Attribute]
    ) throws(CryptokiError) {
        let session = try session(handle)
        guard let found = self.object(object, in: session), isVisible(found, in: session) else {
            throw .objectHandleInvalid
        }
        for attribute in template {
            guard session.isReadWrite else { throw .sessionReadOnly }
            guard case .data(let data, _) = found.kind, data.isModifiable, attribute.type == CKA_VALUE else {
                throw .attributeReadOnly
            }
        }
        guard let value = template.last?.value, case .data(let data, _) = found.kind else { return }
        try withToken(session) { (token) throws(CardError) in
            try token.withCard { (state) throws(CardError) in try state.card.writeData(value, to: data) }
        }
    }
}

/// Days as eight digits YYYYMMDD, which sort by date.
private enum CalendarDay {
    /// Today in UTC, the time of certificates; empty if the C library fails.
    static var today: String {
        var now = time(nil)
        var parts = unsafe tm()  // checked: the C library's calendar
        guard unsafe gmtime_r(&now, &parts) != nil else { return "" }  // checked: the C library's calendar
        // checked: the C library's calendar
        let number = unsafe (Int(parts.tm_year) + 1900) * 10_000 + (Int(parts.tm_mon) + 1) * 100 + Int(parts.tm_mday)
        return String(number)
    }
}
