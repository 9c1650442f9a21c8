// SPDX-License-Identifier: Apache-2.0

/// The system's tool for packages, for remedies that a person can type.
public enum PackageTool: String, Sendable {
    /// Debian, Ubuntu.
    case apt
    /// Fedora, RHEL.
    case dnf
    /// openSUSE.
    case zypper
    /// Arch.
    case pacman

    /// The one that is there; apt when there is none, as in a container.
    public init(on machine: Machine) {
        if machine.exists("/usr/bin/apt") || machine.exists("/usr/bin/apt-get") {
            self = .apt
        } else if machine.exists("/usr/bin/dnf") {
            self = .dnf
        } else if machine.exists("/usr/bin/zypper") {
            self = .zypper
        } else if machine.exists("/usr/bin/pacman") {
            self = .pacman
        } else {
            self = .apt
        }
    }

    /// What is needed from a package.
    public enum Need: Sendable {
        /// The smart card service.
        case service
        /// The driver for readers on USB.
        case readerDriver
        /// modutil and certutil.
        case nssTools
        /// OpenSC's PKCS#11 library.
        case openSC
    }

    /// The package's name here.
    public func package(for need: Need) -> String {
        switch (need, self) {
        case (.service, .apt): "pcscd"
        case (.service, .dnf), (.service, .zypper): "pcsc-lite"
        case (.service, .pacman): "pcsclite"
        case (.readerDriver, .apt): "libccid"
        case (.readerDriver, .dnf): "pcsc-lite-ccid"
        case (.readerDriver, .zypper): "pcsc-ccid"
        case (.readerDriver, .pacman): "ccid"
        case (.nssTools, .apt): "libnss3-tools"
        case (.nssTools, .dnf): "nss-tools"
        case (.nssTools, .zypper): "mozilla-nss-tools"
        case (.nssTools, .pacman): "nss"
        case (.openSC, .apt): "opensc-pkcs11"
        case (.openSC, _): "opensc"
        }
    }

    /// The command that installs it.
    public func installing(_ need: Need) -> String {
        "\(rawValue) \(self == .pacman ? "-S" : "install") \(package(for: need))"
    }

    /// The command that removes it.
    public func removing(_ need: Need) -> String {
        "\(rawValue) \(self == .pacman ? "-R" : "remove") \(package(for: need))"
    }
}
