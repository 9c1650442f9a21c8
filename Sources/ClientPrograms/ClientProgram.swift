// SPDX-License-Identifier: Apache-2.0

/// A program that is set up with the library: how it is found, and what it is given. This table
/// is the only place with these facts; `cps register`, `unregister` and `doctor` read it.
public struct ClientProgram: Sendable {
    /// The word of `cps register`.
    public let word: ClientWord
    /// The name for people.
    public let name: String
    /// The names of programs that are made of it, and found and set up as it is.
    public var kin: [String] = []
    /// Which of the two files it gets.
    public let library: LibraryFile
    /// Where it is when the system's packages, or its maker's archive, have installed it. The
    /// first one that is there counts.
    public let places: [String]
    /// Where it is when Snap or Flatpak has installed it.
    public let sandboxes: [Sandbox]
    /// The names of its processes, as p11-kit's `disable-in` compares them.
    public let processes: [String]
    /// How it is given the library.
    public let means: Means

    /// How a program is given a module.
    public enum Means: Sendable {
        /// By a policy for all users, and in the NSS databases of their profiles.
        case policies(MozillaPolicies)
        /// In an NSS database, below the user's home folder.
        case database(String)
    }

    /// All names for people.
    public var names: [String] { [name] + kin }

    /// The policies, for a program that has some.
    public var policies: MozillaPolicies? {
        if case .policies(let policies) = means { return policies }
        return nil
    }

    /// Where it is installed outside a sandbox; nil when it is not.
    public func place(on machine: Machine) -> String? { machine.first(of: places) }

    /// The sandboxes in which it is installed.
    public func sandboxes(on machine: Machine) -> [Sandbox] {
        sandboxes.filter { $0.folder(on: machine) != nil }
    }

    /// The policies.json files that come with the program: one in /etc hides them.
    public var distributions: [String] { places.map { $0 + "/distribution/policies.json" } }
}

/// Where Firefox and Thunderbird take modules from.
public struct MozillaPolicies: Sendable {
    /// policies.json for all users. It hides those that come with the program.
    public let file: String
    /// Where the profiles are, from the home folder.
    public let profiles: [String]
    /// Which of its files names the policy for modules, in versions that have one; nil if all have.
    /// It is in the program's folder.
    public let archive: String?
}

extension ClientProgram {
    /// Whether the program's policies can add a module; true without the program.
    public func knowsModulePolicy(on machine: Machine) -> Bool {
        guard let archive = policies?.archive else { return true }
        // The archives are not compressed.
        return places.allSatisfy { machine.file("\($0)/\(archive)", contains: "SecurityDevices: {") ?? true }
    }
}

extension ClientProgram {
    /// Firefox, with the browsers' copy.
    public static let firefox = ClientProgram(
        word: .firefox, name: "Firefox", library: .browser,
        places: [
            "/usr/lib/firefox-esr", "/usr/lib/firefox", "/usr/lib64/firefox-esr", "/usr/lib64/firefox", "/opt/firefox",
            "/opt/firefox-esr", "/usr/local/lib/firefox", "/usr/local/firefox",
        ],
        sandboxes: [
            Sandbox("Firefox", .snap("firefox", profile: "snap/firefox/common/.mozilla")),
            Sandbox("Firefox", .flatpak("org.mozilla.firefox")),
        ],
        processes: ["firefox", "firefox-esr", "firefox-bin"],
        means: .policies(
            MozillaPolicies(
                file: "/etc/firefox/policies/policies.json", profiles: [".mozilla/firefox", ".config/mozilla/firefox"],
                archive: nil)))

    /// Thunderbird, with the full library: mail is signed with the signature certificate.
    public static let thunderbird = ClientProgram(
        word: .thunderbird, name: "Thunderbird", library: .full,
        places: ["/usr/lib/thunderbird", "/usr/lib64/thunderbird", "/opt/thunderbird", "/usr/local/lib/thunderbird"],
        sandboxes: [
            Sandbox("Thunderbird", .snap("thunderbird", profile: "snap/thunderbird/common/.thunderbird")),
            Sandbox("Thunderbird", .flatpak("org.mozilla.Thunderbird")),
        ],
        processes: ["thunderbird", "thunderbird-bin"],
        means: .policies(
            MozillaPolicies(
                file: "/etc/thunderbird/policies/policies.json", profiles: [".thunderbird", ".config/thunderbird"],
                // Thunderbird 140 has no policy for modules, 153 has.
                archive: "omni.ja")))

    /// Chromium and the browsers that are made of it: they share one NSS database.
    public static let chromium = ClientProgram(
        word: .chromium, name: "Chromium", kin: ["Chrome", "Edge", "Brave"], library: .browser,
        places: [
            "/usr/bin/chromium", "/usr/lib/chromium", "/usr/lib/chromium-browser", "/usr/lib64/chromium-browser",
            "/usr/lib64/chromium", "/opt/google/chrome", "/opt/microsoft/msedge", "/opt/brave.com/brave",
            "/opt/vivaldi",
        ],
        sandboxes: [
            Sandbox("Chromium", .snap("chromium", profile: nil)),
            Sandbox("Chromium", .flatpak("org.chromium.Chromium")),
            Sandbox("Chrome", .flatpak("com.google.Chrome")),
            Sandbox("Edge", .flatpak("com.microsoft.Edge")),
            Sandbox("Brave", .snap("brave", profile: nil)),
            Sandbox("Brave", .flatpak("com.brave.Browser")),
        ],
        processes: ["chromium", "chromium-browser", "chrome", "msedge", "brave", "vivaldi-bin"],
        means: .database(chromiumDatabase))

    /// The NSS database of Chromium and its kin, from the home folder.
    public static let chromiumDatabase = ".pki/nssdb"

    /// All of them.
    public static let all = [firefox, thunderbird, chromium]
}

/// The words of `cps register`.
public enum ClientWord: String, CaseIterable, Sendable {
    /// The two files of the library, from a source tree.
    case library
    /// p11-kit's module file.
    case p11Kit = "p11-kit"
    /// Firefox's policies.
    case firefox
    /// Thunderbird's policies.
    case thunderbird
    /// The places of the official library.
    case officialPath = "official-path"
    /// The NSS database of Chromium and its kin.
    case chromium
    /// An NSS database whose folder follows.
    case nss
    /// `~/.ssh/config`.
    case openssh
    /// A configuration for SunPKCS11.
    case java
    /// A configuration for OpenSSL's engine.
    case openssl
    /// Programs of Snap and Flatpak: of one whose word follows, or of all.
    case sandboxes

    /// Whether it is set up for all users, by root.
    public var isForAllUsers: Bool {
        switch self {
        case .library, .p11Kit, .firefox, .thunderbird, .officialPath: true
        case .chromium, .nss, .openssh, .java, .openssl, .sandboxes: false
        }
    }

    /// The program, for the words that mean one with a row in the table.
    public var program: ClientProgram? { ClientProgram.all.first { $0.word == self } }
}

/// What is set up besides programs.
public enum ClientFile {
    /// p11-kit's module file.
    public static let p11KitModule = "/usr/share/p11-kit/modules/cps-pkcs11.module"
    /// NSS's configuration for all programs, on systems with crypto-policies (Fedora, RHEL).
    public static let nssPolicy = "/etc/crypto-policies/back-ends/nss.config"
    /// The name under which programs list the module.
    public static let moduleName = "Carte CPS"

    /// The user's folder for files that are ours as a whole.
    public static func ownFolder(home: String) -> String {
        (Machine.environment("XDG_CONFIG_HOME") ?? home + "/.config") + "/cps-pkcs11"
    }

    /// The configuration for SunPKCS11.
    public static func java(home: String) -> String { ownFolder(home: home) + "/java.cfg" }
    /// The configuration for OpenSSL.
    public static func openSSL(home: String) -> String { ownFolder(home: home) + "/openssl.cnf" }
    /// The configuration of ssh.
    public static func openSSH(home: String) -> String { home + "/.ssh/config" }
}

extension Machine {
    /// Whether NSS loads p11-kit's proxy into every program, as Fedora and RHEL tell it to
    /// (https://fedoraproject.org/wiki/Changes/NSSLoadP11KitModules).
    public var loadsP11KitEverywhere: Bool {
        (text(of: ClientFile.nssPolicy) ?? "").lines.contains { line in
            line.hasPrefix("library=") && KnownModule(path: line.dropFirst("library=".count)) == .p11KitProxy
        }
    }
}

/// The paths of the official library (its package 5.2.2, and older ones).
public enum OfficialPlaces {
    /// Where its package has the library.
    public static let library = "/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so"
    /// All paths where programs look for it.
    public static let links = [
        library, "/usr/lib64/libcps3_pkcs11_lux.so", "/usr/lib64/libcps3_pkcs11_lux.so.0",
        "/usr/lib64/libcps3_pkcs11_lux.so.3.1.0", "/usr/lib/libcps3_pkcs11.so", "/usr/local/lib/libcps3_pkcs11.so",
        "/usr/local/galss/libcps3_pkcs11_lux.so", "/usr/local/galss/libcps_pkcs11_lux.so",
    ]
    /// The files by which Firefox lets the extension of the ANS install the library.
    public static let manifests = [
        "/usr/lib/mozilla/pkcs11-modules/cps3.json", "/usr/lib64/mozilla/pkcs11-modules/cps3.json",
    ]
    /// Folders of the system, and Firefox's: where one is missing, nothing is set up below it.
    public static let systemFolders = [
        "/opt", "/usr/lib", "/usr/lib64", "/usr/local", "/usr/local/lib", "/usr/lib/mozilla",
    ]
}
