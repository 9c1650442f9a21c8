// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HostSystem
import Messages
import VirtualCPS

/// The command: a virtual CPS card in a reader of pcscd.
struct CPSVirtualCard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cps-virtual-card",
        abstract: Message("Virtual CPS cards.", fr: "Cartes CPS virtuelles.").text,
        version: ProjectVersion.text,
        subcommands: [Insert.self, OpenSSLConfiguration.self])
}
