// SPDX-License-Identifier: Apache-2.0

/// Where a program in a sandbox has its files, and how it gets at pcscd.
extension Sandbox {
    /// A folder of the user's from which the program may load files.
    public func dataFolder(on machine: Machine) -> String {
        switch kind {
        case .snap(let name, _): "\(machine.home)/snap/\(name)/common"
        case .flatpak(let identifier): "\(machine.home)/.var/app/\(identifier)"
        }
    }

    /// The program's NSS databases, of the user whom `machine` belongs to.
    public func databases(of program: ClientProgram, on machine: Machine) -> [String] {
        let folders: [String]
        switch program.means {
        case .policies(let policies):
            folders = policies.profiles.flatMap { profiles -> [String] in
                let folder = place(ofProfiles: profiles, on: machine)
                return machine.names(in: folder).map { "\(folder)/\($0)" }
            }
        case .database(let database):
            switch kind {
            case .snap(let name, _): folders = ["\(machine.home)/snap/\(name)/current/\(database)"]
            // Some have a folder of their own in its place, others see the home folder.
            case .flatpak:
                let own = "\(dataFolder(on: machine))/\(database)"
                folders = [machine.exists(own + "/cert9.db") ? own : "\(machine.home)/\(database)"]
            }
        }
        return folders.filter { machine.exists($0 + "/cert9.db") }
    }

    /// A Snap has its home in `common`. A Flatpak has some hidden folders of its home in its data
    /// folder, and XDG_CONFIG_HOME as `config` there.
    private func place(ofProfiles profiles: String, on machine: Machine) -> String {
        let isMoved = !isSnap && profiles.hasPrefix(".config/")
        return "\(dataFolder(on: machine))/\(isMoved ? String(profiles.dropFirst()) : profiles)"
    }

    /// The command that lets it reach pcscd; that for a Snap needs root.
    public var connecting: [String] {
        switch kind {
        case .snap(let name, _): ["snap", "connect", "\(name):pcscd"]
        case .flatpak(let identifier): ["flatpak", "override", "--user", "--socket=pcsc", identifier]
        }
    }

    /// The same for a person to type.
    public var connectingCommand: String { (isSnap ? ["sudo"] + connecting : connecting).joined(separator: " ") }

    /// Whether it is a Snap, which belongs to the system; a Flatpak can be set up by its user.
    public var isSnap: Bool {
        if case .snap = kind { return true }
        return false
    }
}
