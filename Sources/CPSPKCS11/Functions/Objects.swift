// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Object management functions (PKCS#11 3.1 §5.7).

/// Stores the size in bytes of an object's value or modulus.
@c @implementation
public func C_GetObjectSize(
    _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ size: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), .object(object)],
        giving: [unsafe .result("size", size)]
    ) { (provider) throws(CryptokiError) in
        guard unsafe size != nil else { throw .argumentsBad }
        let bytes = try provider.object(session, object).size()
        try unsafe CallerMemory.store(CK_ULONG(bytes), to: size)
    }
}

/// Stores the values of attributes. Every entry of the template is processed, even if others fail. The return code is
/// that of the most severe error (cards.md §7.6).
@c @implementation
public func C_GetAttributeValue(
    _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?,
    _ count: CK_ULONG
) -> CK_RV {
    entryPoint(
        [.session(session), .object(object), unsafe .template(template, count)],
        giving: [unsafe .template(template, count)]
    ) { (provider) throws(CryptokiError) in
        guard count <= CallerMemory.longestTemplate else { throw .argumentsBad }
        let view = try provider.object(session, object)
        guard count > 0 else { return }
        guard let template = unsafe template else { throw .argumentsBad }
        var mostSevere: CryptokiError?
        for index in 0..<Int(count) {
            do throws(CryptokiError) {
                try unsafe answer(&template[index], with: view)  // checked: below the count that the caller gave
            } catch {
                // checked: below the count that the caller gave
                unsafe template[index].ulValueLen = unavailableInformation
                if gravity(of: error) > gravity(of: mostSevere) { mostSevere = error }
            }
        }
        if let mostSevere { throw mostSevere }
    }
}

private func answer(_ attribute: inout CK_ATTRIBUTE, with object: Provider.ObjectView) throws(CryptokiError) {
    let value = try object.value(of: unsafe attribute.type)
    guard let buffer = unsafe attribute.pValue else {
        unsafe attribute.ulValueLen = CK_ULONG(value.count)
        return
    }
    guard unsafe attribute.ulValueLen >= CK_ULONG(value.count) else { throw .bufferTooSmall(needed: value.count) }
    unsafe CallerMemory.write(value, to: buffer)
    unsafe attribute.ulValueLen = CK_ULONG(value.count)
}

private func gravity(of error: CryptokiError?) -> Int {
    switch error {
    case nil: 0
    case .bufferTooSmall: 1
    case .attributeTypeInvalid: 2
    case .attributeSensitive: 3
    default: 4
    }
}

/// Writes CKA_VALUE of CPS_DATA, in a read/write session. Everything else is read-only.
@c @implementation
public func C_SetAttributeValue(
    _ session: CK_SESSION_HANDLE, _ object: CK_OBJECT_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?,
    _ count: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), .object(object), unsafe .template(template, count)]) {
        (provider) throws(CryptokiError) in
        try provider.setAttributes(session, object, unsafe CallerMemory.template(template, count))
    }
}

/// Starts a search for the objects that match a template. Reads only directories with possible matches.
@c @implementation
public func C_FindObjectsInit(
    _ session: CK_SESSION_HANDLE, _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG
) -> CK_RV {
    entryPoint([.session(session), unsafe .template(template, count, showingClass: true)]) {
        (provider) throws(CryptokiError) in
        try provider.findObjectsInit(session, unsafe CallerMemory.template(template, count))
    }
}

/// Stores the next handles of the search, as many as fit into the buffer.
@c @implementation
public func C_FindObjects(
    _ session: CK_SESSION_HANDLE, _ objects: UnsafeMutablePointer<CK_OBJECT_HANDLE>?, _ maximum: CK_ULONG,
    _ count: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    entryPoint(
        [.session(session), .length("maximum", maximum)],
        giving: [unsafe .result("found", count)]
    ) { (provider) throws(CryptokiError) in
        guard let count = unsafe count, let objects = unsafe objects else { throw .argumentsBad }
        let found = try provider.findObjects(session, count: Int(clamping: maximum))
        // checked: at most the count that the caller gave
        for (index, handle) in found.enumerated() { unsafe objects[index] = handle }
        unsafe count.pointee = CK_ULONG(found.count)
    }
}

/// Ends the search.
@c @implementation
public func C_FindObjectsFinal(_ session: CK_SESSION_HANDLE) -> CK_RV {
    entryPoint([.session(session)]) { (provider) throws(CryptokiError) in try provider.findObjectsFinal(session) }
}
