// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// `cps pin`: changes or unblocks the PIN.
struct PINCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: Message("Change the PIN, or unblock it.", fr: "Change le code porteur, ou le débloque.").text,
        subcommands: [ChangePINCommand.self, UnblockPINCommand.self])
}
