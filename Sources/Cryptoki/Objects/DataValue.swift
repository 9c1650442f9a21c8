// SPDX-License-Identifier: Apache-2.0

import CPSCard
import HostSystem
import SmartCardBytes

/// The value of a data object, read at its first use. A value that programs can write is read each time. A value that
/// needs the PIN is forgotten at logout.
final class DataValue: Sendable {
    let object: DataObject
    /// The value, once it is read. Only `load` and `forget` use it.
    let value = Lock<[UInt8]?>(nil)

    init(_ object: DataObject) { self.object = object }

    func load(from token: Token) throws(CardError) -> [UInt8] {
        if object.isPrivate, token.model.hasPIN, token.login.now != .user { throw .notLoggedIn }
        if let known = value.withLock({ $0 }) { return known }
        let bytes = try token.withCard { (state) throws(CardError) in
            try state.card.readData(object, after: token.login.now == .user ? state.pins?.userPIN : nil)
        }
        value.withLock { value in
            // Checked under the lock: if another thread logs out meanwhile, it forgets the value after this.
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
