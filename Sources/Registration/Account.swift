// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc

/// A user with a home folder.
struct Account: Equatable {
    let user: uid_t
    let group: gid_t
    let home: String

    /// Whether a person logs in with it, as Debian and Fedora number them.
    var isPerson: Bool { (1000..<60_000).contains(user) || user > 65_535 }

    /// The owner of a folder, with this home; nil when the folder is not there.
    init?(ownerOf folder: String, home: String, on machine: Machine) {
        var status = stat()
        guard unsafe stat(machine.root + folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        self.init(user: status.st_uid, group: status.st_gid, home: home)
    }

    init(user: uid_t, group: gid_t, home: String) {
        self.user = user
        self.group = group
        self.home = home
    }

    /// All that can be found, each home once: those that the system lists; those who own a folder
    /// beside a home that it lists, or in /home, because directories of many users (LDAP, SSSD) list
    /// none; those who are logged in; and whose HOME this is.
    static func all(on machine: Machine, home: String) -> [Account] {
        var accounts = listed(on: machine)
        let parents = Set(accounts.filter(\.isPerson).map { LinklessTree.parent(of: $0.home) } + ["/home"])
        for parent in parents.sorted() where parent != "/" {
            accounts += owners(below: parent, depth: 2, on: machine)
        }
        if machine.root.isEmpty { accounts += machine.names(in: "/run/user").compactMap(loggedIn) }
        if let owner = Account(ownerOf: home, home: home, on: machine) { accounts.append(owner) }
        var homes = Set(["", "/"])
        return accounts.filter { account in
            // A home that belongs to somebody else is not this account's to be changed.
            homes.insert(account.home).inserted
                && Account(ownerOf: account.home, home: account.home, on: machine)?.user == account.user
        }
    }

    private static func listed(on machine: Machine) -> [Account] {
        guard machine.root.isEmpty else {
            return (machine.text(of: "/etc/passwd") ?? "").lines.compactMap { line in
                let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
                guard fields.count == 7, let user = uid_t(fields[2]), let group = gid_t(fields[3]) else { return nil }
                return Account(user: user, group: group, home: fields[5])
            }
        }
        var accounts: [Account] = []
        setpwent()
        while let entry = unsafe getpwent() {
            if let account = unsafe Account(entry) { accounts.append(account) }
        }
        endpwent()
        return accounts
    }

    private init?(_ entry: UnsafePointer<passwd>) {
        guard let home = unsafe entry.pointee.pw_dir.map({ unsafe String(cString: $0) }), home.hasPrefix("/") else {
            return nil
        }
        self.init(user: unsafe entry.pointee.pw_uid, group: unsafe entry.pointee.pw_gid, home: home)
    }

    private static func loggedIn(_ name: String) -> Account? {
        guard let number = uid_t(name), let entry = unsafe getpwuid(number) else { return nil }
        return unsafe Account(entry)
    }

    /// The persons who own a folder in this one. Below one of root's, as /home/DOMAIN, are more.
    private static func owners(below folder: String, depth: Int, on machine: Machine) -> [Account] {
        machine.names(in: folder).flatMap { name -> [Account] in
            let path = "\(folder)/\(name)"
            guard let owner = Account(ownerOf: path, home: path, on: machine) else { return [] }
            if owner.isPerson { return [owner] }
            return owner.user == 0 && depth > 1 ? owners(below: path, depth: depth - 1, on: machine) : []
        }
    }

    /// Gives up the rights of root for good; what follows in this process is done as this user.
    /// - Returns: false if that is not possible.
    static func become(user: uid_t, group: gid_t) -> Bool {
        if geteuid() != 0 { return geteuid() == user }
        // As root these set the saved numbers too.
        return setgroups(0, nil) == 0 && setgid(group) == 0 && setuid(user) == 0 && geteuid() == user
            && getuid() == user && (user == 0 || setuid(0) != 0)
    }
}
