// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// The ChipDoc applet of CPS4 (cards.md §1.6, §3, §4.5). One selection for each
/// logical channel that it is selected on.
struct ChipDocApplet {
    var selection = Selection()
    /// Template B6 of MSE SET 81.
    var signature: (key: CardKey, scheme: Scheme)?
    /// Template B8 of MSE SET 41.
    var confidentiality: CardKey?
    var chain = CommandChain()
    /// After RESET RETRY COUNTER: a new PIN can be set without the old one.
    var mayReplacePIN = false

    mutating func respond(_ command: CardCommand, _ card: inout CardEnvironment) throws(Refusal) -> CardAnswer {
        try chain.check(command, canChain: command.ins == 0x2A && command.parameters == 0x8086)
        switch command.ins {
        case 0xA4: return try select(command, card)
        case 0xB0: return try selection.readBinary(command, card, shortIdentifiers: false)
        case 0xD6: return try selection.updateBinary(command, &card)
        case 0x20: return try verify(command, &card)
        case 0x24: return try changeReferenceData(command, &card)
        case 0x2C: return try resetRetryCounter(command, &card)
        case 0x84: return try Selection.challenge(command, card)
        case 0x22: return try manageSecurityEnvironment(command, card)
        case 0x2A: return try performSecurityOperation(command, &card)
        // Pending response data is returned before the applet gets the command.
        case 0xC0: throw Refusal(.conditionsOfUseNotSatisfied, "nothing is waiting for GET RESPONSE")
        default: throw Refusal(.instructionNotSupported, "instruction not known")
        }
    }

    private mutating func select(_ command: CardCommand, _ card: CardEnvironment) throws(Refusal) -> CardAnswer {
        guard [0x00, 0x04, 0x0C].contains(command.p2) else {
            throw Refusal(.incorrectParameters, "P2 of SELECT must be 00, 04 or 0C")
        }
        let path = try target(of: command, card)
        try card.refuseForm(of: command, selecting: path)
        if try selection.select(path, in: card.files) {
            signature = nil
            confidentiality = nil
        }
        guard command.p2 != 0x0C, let file = card.files[path] else { return .done }
        if let template = card.files.control[path] { return .response(FileControlInformation.like(template, file)) }
        return .response(FileControlInformation.chipDoc(file, at: path))
    }

    private func target(of command: CardCommand, _ card: CardEnvironment) throws(Refusal) -> VirtualFilePath {
        switch command.p1 {
        case 0x00:
            if command.data.isEmpty { return .root }
            return try selection.path(identifier: try IASApplet.identifier(command), in: card.files)
        case 0x04:
            guard let path = card.files.directory(named: command.data) else {
                throw Refusal(.fileNotFound, "no directory has this name")
            }
            return path
        case 0x08:
            guard let path = VirtualFilePath(bytes: command.data[...]), !path.identifiers.isEmpty else {
                throw Refusal(.wrongLength, "a path has two bytes for each file")
            }
            return path
        default: throw Refusal(.incorrectParameters, "P1 of SELECT is not known")
        }
    }
}
