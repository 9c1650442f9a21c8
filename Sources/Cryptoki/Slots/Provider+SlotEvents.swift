// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import ISO7816

/// Waiting for inserted and removed cards and readers (PKCS#11 3.1 §5.5.4).
extension Provider {
    /// The longest single wait in milliseconds. Between waits the library checks whether it was finalized.
    private static let waitMilliseconds = 1000

    /// The slot of the next event (C_WaitForSlotEvent). What is in the readers at the first look is no event. Waits
    /// on the caller's thread; the library has no threads of its own.
    /// - Parameters:
    ///   - mayBlock: whether to wait for an event.
    ///   - betweenWaits: called between two waits, while no lock is held.
    /// - Throws: `.noEvent` if there is none and `mayBlock` is false; `.cryptokiNotInitialized` if C_Finalize ends
    ///   the wait.
    public func waitForSlotEvent(
        mayBlock: Bool, betweenWaits: () -> Void = {}
    ) throws(CryptokiError) -> CK_SLOT_ID {
        while !hasEnded {
            slots.refresh()
            let slot = slots.all.first { $0.takePendingEvent() }
            // C_Finalize on another thread closes the slots. That is no event.
            if hasEnded { break }
            if let slot { return slot.id }
            guard mayBlock else { throw .noEvent }
            waitForChange(milliseconds: Provider.waitMilliseconds)
            betweenWaits()
        }
        throw .cryptokiNotInitialized
    }
}
