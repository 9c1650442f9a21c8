// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// The IAS-ECC applet of CPS3, contact and contactless (cards.md §1.5, §3, §4.4).
struct IASApplet {
    var selection = Selection()
    var environment = IASSecurityEnvironment()
    var chain = CommandChain()

    mutating func respond(_ command: CardCommand, _ card: inout CardEnvironment) throws(Refusal) -> CardAnswer {
        guard command.cla & ~0x10 == 0 else {
            if command.cla & 0xFC == 0, command.cla & 0x03 != 0 {
                throw Refusal(.logicalChannelNotSupported, "CPS3 has no logical channels")
            }
            throw Refusal(.classNotSupported, "class not known")
        }
        try chain.check(command, canChain: command.ins == 0x2A && command.parameters == 0x8086)
        switch command.ins {
        case 0xA4: return try select(command, card)
        case 0xB0: return try selection.readBinary(command, card, shortIdentifiers: true)
        case 0xD6: return try selection.updateBinary(command, &card)
        case 0xCB: return try getData(command, card)
        case 0x20: return try verify(command, &card)
        case 0x24: return try changeReferenceData(command, &card)
        case 0x2C: return try resetRetryCounter(command, &card)
        case 0x84: return try Selection.challenge(command, card)
        case 0x22: return try manageSecurityEnvironment(command, card)
        case 0x2A: return try performSecurityOperation(command, &card)
        case 0x88: return try internalAuthenticate(command, &card)
        // Pending response data is returned before the applet gets the command.
        case 0xC0: throw Refusal(.conditionsOfUseNotSatisfied, "nothing is waiting for GET RESPONSE")
        default: throw Refusal(.instructionNotSupported, "instruction not known")
        }
    }

    /// SELECT (cards.md §1.5). Selecting the old volet by its AID is handled by the card, not
    /// by the applet.
    private mutating func select(_ command: CardCommand, _ card: CardEnvironment) throws(Refusal) -> CardAnswer {
        guard command.p2 == 0x04 || command.p2 == 0x0C else {
            throw Refusal(.incorrectParameters, "P2 of SELECT must be 04 or 0C")
        }
        let path = try target(of: command, card)
        if card.options.refusesSilentFileSelection, command.p2 == 0x0C, card.files.elementary(path) != nil {
            throw Refusal(.incorrectParameters, "P2 of SELECT must be 04 for a file")
        }
        try card.refuseForm(of: command, selecting: path)
        if try selection.select(path, in: card.files) { environment.clear() }
        guard command.p2 == 0x04, let file = card.files[path] else { return .done }
        if let template = card.files.control[path] { return .response(FileControlInformation.like(template, file)) }
        return .response(FileControlInformation.ias(file, at: path))
    }

    private func target(of command: CardCommand, _ card: CardEnvironment) throws(Refusal) -> VirtualFilePath {
        switch command.p1 {
        case 0x00:
            if command.data.isEmpty { return .root }
            return try selection.path(identifier: try IASApplet.identifier(command), in: card.files)
        case 0x02:
            let identifier = try IASApplet.identifier(command)
            // OpenSC selects the MF like this, and works with real cards.
            if identifier == VirtualFilePath.masterFile { return .root }
            let path = selection.directory.appending(identifier)
            guard card.files.elementary(path) != nil else { throw Refusal(.fileNotFound, "there is no file \(path)") }
            return path
        case 0x03:
            guard command.data.isEmpty else { throw Refusal(.wrongLength, "selecting the parent takes no data") }
            guard let parent = selection.directory.parent else { throw Refusal(.fileNotFound, "the MF has no parent") }
            return parent
        case 0x04:
            guard let path = card.files.directory(named: command.data) else {
                throw Refusal(.fileNotFound, "no directory has this name")
            }
            return path
        case 0x09:
            guard let path = VirtualFilePath(bytes: command.data[...]), let first = path.identifiers.first else {
                throw Refusal(.wrongLength, "a path has two bytes for each file")
            }
            if first == VirtualFilePath.masterFile { return VirtualFilePath(Array(path.identifiers.dropFirst())) }
            return selection.directory.appending(path.identifiers)
        default: throw Refusal(.incorrectParameters, "P1 of SELECT is not known")
        }
    }

    static func identifier(_ command: CardCommand) throws(Refusal) -> UInt16 {
        guard command.data.count == 2, let path = VirtualFilePath(bytes: command.data[...]),
            let identifier = path.identifiers.first
        else { throw Refusal(.wrongLength, "an identifier has two bytes") }
        return identifier
    }
}
