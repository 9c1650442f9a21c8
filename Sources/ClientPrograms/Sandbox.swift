// SPDX-License-Identifier: Apache-2.0

/// A program as Snap or Flatpak installs it, apart from the system: the library's file is not
/// its to see, and often pcscd neither.
public struct Sandbox: Sendable {
    /// The program's name for people.
    public let name: String
    /// By what it is kept apart.
    public let kind: Kind

    /// What keeps a program apart.
    public enum Kind: Sendable {
        /// - profile: where the Snap has what the person keeps in it, below the home folder; nil for
        ///   a program that Debian's and Ubuntu's packages do not bring otherwise.
        case snap(String, profile: String?)
        /// A Flatpak with this identifier.
        case flatpak(String)
    }

    init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// Where it is; nil when it is not installed.
    public func folder(on machine: Machine) -> String? {
        switch kind {
        case .snap(let name, _):
            machine.first(of: ["/snap/\(name)/current", "/var/lib/snapd/snap/\(name)/current"])
        case .flatpak(let identifier):
            machine.first(
                of: ["/var/lib/flatpak/app", machine.home + "/.local/share/flatpak/app"].map { "\($0)/\(identifier)" })
        }
    }

    /// Whether it reaches pcscd: a Flatpak that was given the socket, a Snap that is connected to it,
    /// as its AppArmor profile says.
    public func reachesService(on machine: Machine) -> Bool {
        guard case .flatpak(let identifier) = kind else {
            guard case .snap(let name, _) = kind else { return false }
            let profile = "/var/lib/snapd/apparmor/profiles/snap.\(name).\(name)"
            return machine.file(profile, contains: "pcscd.comm") ?? false
        }
        guard let folder = folder(on: machine) else { return false }
        let overrides = ["/var/lib/flatpak", machine.home + "/.local/share/flatpak"]
        let files = ["\(folder)/current/active/metadata"] + overrides.map { "\($0)/overrides/\(identifier)" }
        return files.contains { file in
            (machine.text(of: file) ?? "").lines.contains { line in
                line.hasPrefix("sockets=") && line.dropFirst("sockets=".count).parts(";").contains("pcsc")
            }
        }
    }
}
