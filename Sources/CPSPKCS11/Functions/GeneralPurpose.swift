// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Cryptoki
import HostSystem

/// General-purpose functions (PKCS#11 3.1 §5.4).

/// Initialises the library for this process. The argument is CK_C_INITIALIZE_ARGS or null. Sends nothing to a card.
/// Mutex functions are accepted but not called; `Configuration` reads the reserved string.
@c @implementation
public func C_Initialize(_ arguments: UnsafeMutableRawPointer?) -> CK_RV {
    returnCode { () throws(CryptokiError) in
        let configuration = try unsafe InitializationArguments.configuration(arguments)
        try ProcessState.current.initialize(configuration)
    }
}

/// Ends sessions, waits and connections. Logins end as in C_Logout. The argument must be null.
@c @implementation
public func C_Finalize(_ reserved: UnsafeMutableRawPointer?) -> CK_RV {
    returnCode { () throws(CryptokiError) in
        guard unsafe reserved == nil else { throw .argumentsBad }
        try ProcessState.current.finalize()
    }
}

/// Stores name and version of the library.
@c @implementation
public func C_GetInfo(_ pointer: UnsafeMutablePointer<CK_INFO>?) -> CK_RV {
    unsafe libraryInformation(pointer, of: CK_VERSION(major: 2, minor: 40))
}

/// C_GetInfo of one function list. Each list has its own, since programs check that the version is that of the
/// functions they call, and old ones accept only 2.
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

/// Stores the address of the function table of version 2.40, which stays valid. It may be called before C_Initialize.
@c @implementation
public func C_GetFunctionList(_ pointer: UnsafeMutablePointer<UnsafeMutablePointer<CK_FUNCTION_LIST>?>?) -> CK_RV {
    returnCode { () throws(CryptokiError) in
        try unsafe CallerMemory.store(FunctionList.version240, to: pointer)
    }
}

/// The library's name for itself.
enum LibraryIdentity {
    static let manufacturer = "cps-pkcs11"
    static let description = "CPS3 and CPS4 smart cards"
    static let version = CK_VERSION(major: ProjectVersion.major, minor: ProjectVersion.minor)
}
