// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki
import HostSystem

/// General-purpose functions (PKCS#11 3.1 §5.4).

/// Prepares the library for this process, with CK_C_INITIALIZE_ARGS or null. Reads nothing, and sends nothing to a
/// card. Mutex functions are accepted and not called; the reserved string is read by `Configuration`.
@c @implementation
public func C_Initialize(_ arguments: UnsafeMutableRawPointer?) -> CK_RV {
    returnCode { () throws(CryptokiError) in
        let configuration = try unsafe InitializationArguments.configuration(arguments)
        try ProcessState.current.initialize(configuration)
    }
}

/// Ends sessions, waits and connections; the cards forget presented PINs. The argument must be null.
@c @implementation
public func C_Finalize(_ reserved: UnsafeMutableRawPointer?) -> CK_RV {
    returnCode { () throws(CryptokiError) in
        guard unsafe reserved == nil else { throw .argumentsBad }
        try ProcessState.current.finalize()
    }
}

/// Name and version of the library.
@c @implementation
public func C_GetInfo(_ pointer: UnsafeMutablePointer<CK_INFO>?) -> CK_RV {
    unsafe libraryInformation(pointer, of: CK_VERSION(major: 2, minor: 40))
}

/// What C_GetInfo of a function list tells. Each list has its own: programs look whether the
/// version is the one whose functions they call, and old ones know nothing but 2.
func libraryInformation(_ pointer: UnsafeMutablePointer<CK_INFO>?, of version: CK_VERSION) -> CK_RV {
    entryPoint(function: "C_GetInfo") { (_) throws(CryptokiError) in
        var info = CK_INFO()
        info.cryptokiVersion = version
        CallerMemory.fill(&info.manufacturerID, with: LibraryIdentity.manufacturer)
        CallerMemory.fill(&info.libraryDescription, with: LibraryIdentity.description)
        info.libraryVersion = LibraryIdentity.version
        try unsafe CallerMemory.store(info, to: pointer)
    }
}

/// Stores the address of the table of version 2.40, which stays valid for ever. May be called before C_Initialize.
@c @implementation
public func C_GetFunctionList(_ pointer: UnsafeMutablePointer<UnsafeMutablePointer<CK_FUNCTION_LIST>?>?) -> CK_RV {
    returnCode { () throws(CryptokiError) in
        try unsafe CallerMemory.store(FunctionList.version240, to: pointer)
    }
}

/// What the library calls itself.
enum LibraryIdentity {
    static let manufacturer = "cps-pkcs11"
    static let description = "CPS3 and CPS4 smart cards"
    static let version = CK_VERSION(major: ProjectVersion.major, minor: ProjectVersion.minor)
}
