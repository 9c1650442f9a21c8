// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard

/// The objects on the card, read when a search needs them.
extension Token {
    /// The objects that were read so far.
    var knownObjects: ObjectList { objectList.withLock { $0 } }

    /// The objects on the card. These groups are read from it if they are not known yet.
    func objects(_ groups: ObjectGroups) throws(CardError) -> ObjectList {
        let known = knownObjects
        if hasAll(groups, in: known) { return known }
        return try withCard { (state) throws(CardError) in
            let card = state.card
            var list = knownObjects
            if hasAll(groups, in: list) { return list }
            let identity = try self.identity(&state)
            if groups.contains(.keys), list.keys == nil {
                let contents = try self.contents(&state) { (identity) throws(CardError) in
                    try card.readKeysAndCertificates(of: identity)
                }
                list.add(objectFactory.objects(for: contents, of: identity, model: model))
            }
            if groups.contains(.publicKeys), let keys = list.keys, !keys.hasPublicKeys {
                let contents = try self.contents(&state) { (identity) throws(CardError) in
                    try card.readPublicKeys(of: identity, besides: keys.contents)
                }
                list.add(objectFactory.objects(for: contents, besides: keys, of: identity, model: model))
            }
            if groups.contains(.data), list.data == nil {
                let contents = try self.contents(&state) { (identity) throws(CardError) in
                    try card.readDataObjects(of: identity)
                }
                list.add(objectFactory.objects(for: contents, of: identity))
            }
            objectList.withLock { [list] in $0 = list }
            return list
        }
    }

    private func hasAll(_ groups: ObjectGroups, in list: ObjectList) -> Bool {
        (!groups.contains(.keys) || list.keys != nil) && (!groups.contains(.data) || list.data != nil)
            && (!groups.contains(.publicKeys) || list.keys?.hasPublicKeys == true)
    }
}
