// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// A search, with the objects that were found at its start (PKCS#11 3.1 §5.7.6).
struct SearchOperation {
    private var found: ArraySlice<CK_OBJECT_HANDLE>

    init(found: [CK_OBJECT_HANDLE]) { self.found = found[...] }

    /// The next objects, at most `count`; empty at the end.
    mutating func next(_ count: Int) -> [CK_OBJECT_HANDLE] {
        let part = found.prefix(count)
        found = found.dropFirst(part.count)
        return Array(part)
    }
}
