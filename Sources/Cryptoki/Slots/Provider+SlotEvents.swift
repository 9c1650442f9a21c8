// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import ISO7816

/// Waiting for cards and readers to come and go (PKCS#11 3.1 §5.5.4).
extension Provider {
    /// The longest single wait; between two of them the library looks for itself
    /// whether it was finalized.
    private static let waitMilliseconds = 1000

    /// The slot of the next event. What was in the readers when they were first
    /// looked at is no event. Waits on the caller's thread; the library has none
    /// of its own.
    /// - Parameter betweenWaits: called between two waits, while no lock is held.
    /// - Throws: `.noEvent` when there is none and the caller does not want to
    ///   wait; `.cryptokiNotInitialized` when C_Finalize ends the wait.
    public func waitForSlotEvent(
        mayBlock: Bool, betweenWaits: () -> Void = {}
    ) throws(CryptokiError) -> CK_SLOT_ID {
        while !hasEnded {
            slots.refresh()
            let slot = slots.all.first { $0.takePendingEvent() }
            // C_Finalize on another thread closes the slots, which is no event.
            if hasEnded { break }
            if let slot { return slot.id }
            guard mayBlock else { throw .noEvent }
            waitForChange(milliseconds: Provider.waitMilliseconds)
            betweenWaits()
        }
        throw .cryptokiNotInitialized
    }
}
