// SPDX-License-Identifier: Apache-2.0

/// The two files of the library.
public enum LibraryFile: Sendable {
    /// Shows everything on the card.
    case full
    /// Shows the authentication certificate only.
    case browser
}

/// Where our library is.
extension Machine {
    /// Debian's name for the kind of machine that this program was built for. The kernel's may be
    /// another one: a 32-bit system can run on a 64-bit kernel.
    public static let architecture: String? = {
        #if arch(x86_64)
            return "x86_64-linux-gnu"
        #elseif arch(arm64)
            return "aarch64-linux-gnu"
        #elseif arch(arm)
            return "arm-linux-gnueabihf"
        #elseif arch(i386)
            return "i386-linux-gnu"
        #elseif arch(riscv64)
            return "riscv64-linux-gnu"
        #elseif arch(powerpc64le)
            return "powerpc64le-linux-gnu"
        #elseif arch(s390x)
            return "s390x-linux-gnu"
        #else
            return nil
        #endif
    }()

    /// Debian's folder for this machine's libraries, or that of other distributions.
    private var libraryFolder: String {
        Machine.architecture.flatMap { first(of: ["/usr/lib/\($0)"]) } ?? "/usr/lib64"
    }

    /// The folder for PKCS#11 modules.
    public var moduleFolder: String { libraryFolder + "/pkcs11" }
    /// The library that shows everything on the card.
    public var fullLibrary: String { moduleFolder + "/libcps-pkcs11.so" }
    /// Its copy for browsers.
    public var browserLibrary: String { moduleFolder + "/libcps-pkcs11-browser.so" }

    /// Where one of the two files is.
    public func path(of file: LibraryFile) -> String { file == .full ? fullLibrary : browserLibrary }
}

/// The libraries that PKCS#11 programs are given, as far as a CPS card is concerned.
public enum KnownModule: Equatable, Sendable {
    /// This library, or its copy for browsers.
    case ours
    /// That of the Cryptolib CPS.
    case official
    /// OpenSC's.
    case openSC
    /// p11-kit's proxy, which shows all that p11-kit knows.
    case p11KitProxy
    /// Any other.
    case other

    /// - Parameter path: may lack its folder.
    public init(path: some StringProtocol) {
        let name = path.parts("/").last ?? ""
        switch name {
        case _ where name.hasPrefix("libcps-pkcs11"): self = .ours
        case _ where name.hasPrefix("libcps3_pkcs11"): self = .official
        case _ where name.hasPrefix("p11-kit-proxy") || name.hasPrefix("libp11-kit"): self = .p11KitProxy
        case _ where name.hasPrefix("onepin-opensc-pkcs11") || name.hasPrefix("opensc-pkcs11"): self = .openSC
        default: self = .other
        }
    }
}
