// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Messages

/// Stores a card's state in a file (JSON, readable by the owner only).
public final class StateFile {
    private let path: String
    private var saved: CardState?

    /// Restores the card's state from the file, if it exists.
    /// - Throws: `VirtualCardError` if the file is not a state of this card.
    public init(path: String, card: VirtualCard) throws(VirtualCardError) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard let data = FileManager.default.contents(atPath: path),
            let state = try? JSONDecoder().decode(CardState.self, from: data)
        else {
            throw VirtualCardError(
                Message(
                    "\(path) is not the state of a virtual card: delete it to begin with a new card",
                    fr: "\(path) n'est pas l'état d'une carte virtuelle : supprimez-le pour repartir d'une carte neuve")
            )
        }
        do {
            try card.restore(state)
        } catch {
            throw VirtualCardError(
                Message("\(path): \(error.message.english)", fr: "\(path) : \(error.message.french)"))
        }
        saved = state
    }

    /// Writes the card's state if it has changed.
    /// - Throws: `VirtualCardError` if the file cannot be written.
    public func save(_ card: VirtualCard) throws(VirtualCardError) {
        let state = card.state
        guard state != saved else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let data: Data
        do {
            data = try encoder.encode(state)
        } catch {
            throw VirtualCardError(Message("the state cannot be encoded", fr: "l'état ne peut pas être codé"))
        }
        try RestrictedFile.replace(path, with: Array(data) + [0x0A])
        saved = state
    }
}
