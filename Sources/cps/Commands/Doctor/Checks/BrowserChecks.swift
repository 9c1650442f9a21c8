// SPDX-License-Identifier: Apache-2.0

import Messages

/// Firefox and Thunderbird: policies for all users, or a profile of the user's own.
protocol MozillaCheck: Check {
    /// As people call it, and as `cps register` does.
    var name: String { get }
    var client: String { get }
    /// Where it is when a Debian package, or its maker's archive, has installed it.
    var programs: [String] { get }
    /// policies.json: the first one that is there counts.
    var policies: [String] { get }
    /// Where the profiles are, from the home folder.
    var profiles: [String] { get }
    /// Its archives that name the policy for modules, in versions that have one; none if all have.
    var policyArchives: [String] { get }
}

extension MozillaCheck {
    var title: Message { Message(name, fr: name) }

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        guard machine.first(of: programs) != nil else { return [] }
        var libraries: [String] = []
        var findings: [Finding] = []
        if let path = machine.first(of: policies), knowsModulePolicy(on: machine) {
            do {
                libraries = try Policies(path: path, on: machine)?.libraries ?? []
            } catch {
                findings.append(
                    .problem(
                        "\(client).policies-unreadable",
                        Message(
                            "\(path) is not JSON that \(name) takes.",
                            fr: "\(path) n'est pas un JSON que \(name) accepte."),
                        Message("Mend that file, or move it away.", fr: "Corrigez ce fichier, ou déplacez-le.")))
            }
        }
        let databases = NSSDatabase.profiles(below: profiles.map { "\(machine.home)/\($0)" }, on: machine)
        let registry = NSSRegistry(
            client: client, name: name, libraries: libraries, databases: databases,
            remedy: Message("As root: cps register \(client)", fr: "En tant que root : cps register \(client)"))
        return findings + registry.findings(on: machine)
    }

    /// Whether its policies can add a module. The archives are not compressed.
    private func knowsModulePolicy(on machine: Machine) -> Bool {
        policyArchives.allSatisfy { machine.file($0, contains: "SecurityDevices: {") ?? true }
    }
}

struct FirefoxCheck: MozillaCheck {
    let name = "Firefox"
    let client = "firefox"
    let programs = ["/usr/lib/firefox", "/usr/lib/firefox-esr", "/opt/firefox"]
    let policies = [
        "/etc/firefox/policies/policies.json", "/usr/lib/firefox-esr/distribution/policies.json",
        "/usr/lib/firefox/distribution/policies.json", "/opt/firefox/distribution/policies.json",
    ]
    let profiles = [".mozilla/firefox", ".config/mozilla/firefox"]
    let policyArchives: [String] = []
}

struct ThunderbirdCheck: MozillaCheck {
    let name = "Thunderbird"
    let client = "thunderbird"
    let programs = ["/usr/lib/thunderbird", "/opt/thunderbird"]
    let policies = [
        "/etc/thunderbird/policies/policies.json", "/usr/lib/thunderbird/distribution/policies.json",
        "/opt/thunderbird/distribution/policies.json",
    ]
    let profiles = [".thunderbird", ".config/thunderbird"]
    /// Thunderbird 140 has no policy for modules, 153 has.
    let policyArchives = ["/usr/lib/thunderbird/omni.ja", "/opt/thunderbird/omni.ja"]
}

/// Chromium and the browsers made of it: the NSS database of the user.
struct ChromiumCheck: Check {
    let title = Message("Chromium, Chrome, Edge, Brave", fr: "Chromium, Chrome, Edge, Brave")

    private static let programs = [
        "/usr/bin/chromium", "/usr/lib/chromium", "/opt/google/chrome", "/opt/microsoft/msedge", "/opt/brave.com/brave",
    ]

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        guard machine.first(of: ChromiumCheck.programs) != nil else { return [] }
        let database = NSSDatabase(folder: machine.home + "/.pki/nssdb", on: machine)
        let registry = NSSRegistry(
            client: "chromium", name: "Chromium", libraries: [], databases: database.map { [$0] } ?? [],
            remedy: Message("As yourself: cps register chromium", fr: "Sous votre compte : cps register chromium"))
        return registry.findings(on: machine)
    }
}
