// SPDX-License-Identifier: Apache-2.0

import CPSCard
import HostSystem
import SmartCardBytes

/// The value of a data object, read when it is first asked for. What programs can
/// write is read anew each time; what needs the PIN is forgotten at logout.
final class DataValue: Sendable {
    let object: DataObject
    /// The value, once it was read; nothing else is to read this.
    let value = Lock<[UInt8]?>(nil)

    init(_ object: DataObject) { self.object = object }

    func load(from token: Token) throws(CardError) -> [UInt8] {
        if object.isPrivate, token.model.hasPIN, token.login.now != .user { throw .notLoggedIn }
        if let known = value.withLock({ $0 }) { return known }
        let bytes = try token.withCard { (state) throws(CardError) in
            try state.card.readData(object, after: token.login.now == .user ? state.pins?.userPIN : nil)
        }
        value.withLock { value in
            // Asked under the lock: a logout of another thread meanwhile forgets it after this.
            if !object.isModifiable, !object.isPrivate || token.login.now == .user { value = bytes }
        }
        return bytes
    }

    func forget() {
        value.withLock { value in
            value?.wipe()
            value = nil
        }
    }
}
