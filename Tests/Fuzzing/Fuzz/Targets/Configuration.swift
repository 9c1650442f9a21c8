// SPDX-License-Identifier: Apache-2.0

import Cryptoki
import HostCryptography

@testable import CPSCard
@testable import CardCache

/// What comes from the disk, and from the program that loads the library.
extension FuzzTarget {
    /// The checksum is made right: nobody guesses one, but whoever plants a file has one.
    static let cacheFile = FuzzTarget("CacheFile", seeds: { $0.cacheFiles }) { bytes in
        let file = bytes + HashContext.digest(of: bytes, with: .sha256)
        _ = CacheFile.time(of: file)
        _ = CacheFile.decode(file, of: CardSample.fingerprint, at: CardSample.time)
        _ = CacheFile.decode(bytes, of: CardSample.fingerprint, at: CardSample.time)
    }

    static let initializationString = FuzzTarget(
        "InitializationString", seeds: { _ in [Array("view=browser; cache=off\tview=full".utf8)] }
    ) { bytes in
        var configuration = Configuration()
        configuration.apply(initializationString: String(decoding: bytes, as: UTF8.self))
    }
}
