// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki

/// Interfaces (PKCS#11 3.1 §5.4.5, §5.4.6): the same functions in version 3.2, 3.0 and 2.40, the preferred one first.
/// None is fork safe: a forked child must call C_Initialize.
enum InterfaceList {
    nonisolated(unsafe) private static let name: UnsafeMutablePointer<CChar> = {
        let text = Array("PKCS 11".utf8CString)
        let place = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
        unsafe place.initialize(from: text, count: text.count)
        return unsafe place
    }()

    /// All interfaces, preferred one first.
    nonisolated(unsafe) static let interfaces: UnsafeMutableBufferPointer<CK_INTERFACE> = {
        let place = UnsafeMutableBufferPointer<CK_INTERFACE>.allocate(capacity: 3)
        _ = unsafe place.initialize(fromContentsOf: [
            interface(FunctionList.version32), interface(FunctionList.version30), interface(FunctionList.version240),
        ])
        return unsafe place
    }()

    private static func interface(_ list: UnsafeMutableRawPointer) -> CK_INTERFACE {
        unsafe CK_INTERFACE(pInterfaceName: name, pFunctionList: list, flags: 0)
    }

    /// Every function list starts with its version.
    private static func version(of interface: CK_INTERFACE) -> CK_VERSION {
        unsafe interface.pFunctionList.load(as: CK_VERSION.self)
    }

    /// The first interface with this name and version and at least these flags.
    static func first(
        name wanted: UnsafePointer<UInt8>?, version: CK_VERSION?, flags: CK_FLAGS
    ) -> UnsafeMutablePointer<CK_INTERFACE>? {
        for index in unsafe interfaces.indices {
            let interface = unsafe interfaces[index]  // checked: below the count of the list
            let hasName = unsafe wanted.map { unsafe isName($0) } ?? true
            let own = unsafe self.version(of: interface)
            let hasVersion = version.map { $0.major == own.major && $0.minor == own.minor } ?? true
            guard hasName, hasVersion, unsafe interface.flags & flags == flags else { continue }
            return unsafe interfaces.baseAddress.map { unsafe $0 + index }
        }
        return nil
    }

    /// Whether a caller's NUL-terminated text is our name. It is read only up to the first difference.
    private static func isName(_ text: UnsafePointer<UInt8>) -> Bool {
        for index in 0... {
            let own = unsafe UInt8(bitPattern: name[index])  // checked: ends at the terminating zero
            guard unsafe text[index] == own else { return false }  // checked: ends at the terminating zero
            if own == 0 { return true }
        }
        return false
    }
}

/// Stores the interfaces `PKCS 11` in the versions 3.2, 3.0 and 2.40, or their number. It may be called before
/// C_Initialize.
@c @implementation
public func C_GetInterfaceList(
    _ list: UnsafeMutablePointer<CK_INTERFACE>?, _ count: UnsafeMutablePointer<CK_ULONG>?
) -> CK_RV {
    returnCode(
        [unsafe .room(list, count)],
        giving: [unsafe .result("interfaces", count)]
    ) { () throws(CryptokiError) in
        try unsafe CallerMemory.list(list, count) { () throws(CryptokiError) in
            unsafe InterfaceList.interfaces.count
        } elements: { (_) throws(CryptokiError) in
            unsafe Array(InterfaceList.interfaces)
        }
    }
}

/// Stores the interface with this name, version and flags. Without a name and version it is the newest. None is fork
/// safe. It may be called before C_Initialize.
@c @implementation
public func C_GetInterface(
    _ name: UnsafeMutablePointer<UInt8>?, _ version: UnsafeMutablePointer<CK_VERSION>?,
    _ interface: UnsafeMutablePointer<UnsafeMutablePointer<CK_INTERFACE>?>?, _ flags: CK_FLAGS
) -> CK_RV {
    returnCode([.flags(flags)]) { () throws(CryptokiError) in
        guard unsafe interface != nil,
            let found = unsafe InterfaceList.first(name: name, version: version?.pointee, flags: flags)
        else { throw .argumentsBad }
        try unsafe CallerMemory.store(found, to: interface)
    }
}
