// SPDX-License-Identifier: Apache-2.0

/// Where our library is, and whether a path of a configuration means it.
extension Machine {
    /// Debian's folder for this machine's libraries, or that of other distributions.
    private var libraryFolder: String {
        first(of: ["/usr/lib/\(Kernel().processor)-linux-gnu"]) ?? "/usr/lib64"
    }

    /// The folder for PKCS#11 modules.
    var moduleFolder: String { libraryFolder + "/pkcs11" }
    var fullLibrary: String { moduleFolder + "/libcps-pkcs11.so" }
    var browserLibrary: String { moduleFolder + "/libcps-pkcs11-browser.so" }
}

/// The libraries that PKCS#11 programs are given, as far as a CPS card is concerned.
enum KnownModule: Equatable {
    case ours
    case official
    case openSC
    /// p11-kit's proxy, which shows all that p11-kit knows.
    case p11KitProxy
    case other

    /// - Parameter path: may lack its folder.
    init(path: some StringProtocol) {
        let name = path.parts("/").last ?? ""
        switch name {
        case _ where name.hasPrefix("libcps-pkcs11"): self = .ours
        case _ where name.hasPrefix("libcps3_pkcs11"): self = .official
        case _ where name.contains("opensc-pkcs11"): self = .openSC
        case _ where name.hasPrefix("p11-kit-proxy") || name.hasPrefix("libp11-kit"): self = .p11KitProxy
        default: self = .other
        }
    }
}
