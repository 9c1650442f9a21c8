// SPDX-License-Identifier: Apache-2.0

import CSystem
import CPKCS11
import Cryptoki
import Glibc
import Settings

/// The input of C_Initialize: from its caller, from the environment, and from the path of the library.
enum InitializationArguments {
    /// - Throws: `.argumentsBad` if only some of the four mutex functions are given, or if the reserved pointer is
    ///   invalid. The functions are accepted but not used: the library has its own locks and starts no thread.
    static func configuration(_ arguments: UnsafeMutableRawPointer?) throws(CryptokiError) -> Configuration {
        var configuration = Configuration(view: isBrowserCopy ? .browser : .full)
        // The initialization string overrides the settings.
        let settings = Settings.ofProcess()
        configuration.logout = settings.logout
        configuration.usesCache = settings.usesCache
        guard let arguments = unsafe arguments?.assumingMemoryBound(to: CK_C_INITIALIZE_ARGS.self).pointee else {
            return configuration
        }
        let given = unsafe [
            arguments.CreateMutex != nil, arguments.DestroyMutex != nil, arguments.LockMutex != nil,
            arguments.UnlockMutex != nil,
        ]
        guard Set(given).count == 1 else { throw .argumentsBad }
        if let reserved = unsafe arguments.pReserved {
            guard UInt(bitPattern: reserved) >= lowestAddress else { throw .argumentsBad }
            configuration.apply(initializationString: unsafe text(at: reserved))
        }
        return configuration
    }

    /// Linux gives no program memory below this address (vm.mmap_min_addr). A lower value is not a pointer.
    private static let lowestAddress: UInt = 0x1_0000

    /// The longest initialization string that is read, in bytes.
    private static let longestText = 1024

    private static func text(at pointer: UnsafeMutableRawPointer) -> String {
        let characters = unsafe pointer.assumingMemoryBound(to: CChar.self)
        let length = unsafe strnlen(characters, longestText)
        return unsafe String(decoding: UnsafeRawBufferPointer(start: pointer, count: length), as: UTF8.self)
    }

    /// Whether this is the copy of the library for browsers: its file name contains "browser". A symbolic link would
    /// share one instance with the full library; a copy does not.
    private static var isBrowserCopy: Bool {
        var information = unsafe cps_address_information()
        guard unsafe cps_dladdr(FunctionList.entryPointAddress, &information) != 0,
            let path = unsafe information.file_name
        else { return false }
        let name = unsafe String(cString: path).split(separator: "/").last ?? ""
        return name.utf8.indices.contains { name.utf8[$0...].starts(with: "browser".utf8) }  // checked: its own indices
    }
}
