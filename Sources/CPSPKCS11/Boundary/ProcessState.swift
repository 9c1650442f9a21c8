// SPDX-License-Identifier: Apache-2.0

import CallTrace
import CardCache
import Cryptoki
import HostSystem
import ISO7816
import LoginRegister
import Settings
import Synchronization

/// The library's state in this process: the initialised provider, or nothing. A forked child starts with a new state
/// and never touches its parent's: a lock that another thread held during the fork would stay locked forever
/// (docs/architecture.md, "Fork").
final class ProcessState: Sendable {
    private let generation: UInt
    private let provider = Lock<Provider?>(nil)

    private init(generation: UInt) { self.generation = generation }

    /// A retained ProcessState, or nil before the first call.
    private static let shared = Atomic<UInt>(0)

    /// The state of this process.
    static var current: ProcessState {
        let generation = ProcessGeneration.current
        while true {
            let known = shared.load(ordering: .acquiring)
            if let state = state(at: known), state.generation == generation { return state }
            FileLoginRegister.closeInherited(by: generation)
            let fresh = unsafe Unmanaged.passRetained(ProcessState(generation: generation))
            let bits = unsafe UInt(bitPattern: fresh.toOpaque())
            if shared.compareExchange(expected: known, desired: bits, ordering: .acquiringAndReleasing).exchanged {
                return unsafe fresh.takeUnretainedValue()
            }
            unsafe fresh.release()
        }
    }

    private static func state(at bits: UInt) -> ProcessState? {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else { return nil }
        return unsafe Unmanaged<ProcessState>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Called when the process exits, also without C_Finalize: the cards forget the presented PINs. A forked child
    /// leaves its parent's cards alone.
    static func atExit() {
        let known = shared.load(ordering: .acquiring)
        guard let state = state(at: known), state.generation == ProcessGeneration.current else { return }
        // The outer nil: another thread is initialising or finalizing now.
        guard case .some(.some(let provider)) = state.provider.withLockIfAvailable({ $0 }) else { return }
        provider.releaseCardsAtExit()
    }

    /// - Throws: `.cryptokiNotInitialized`.
    func initializedProvider() throws(CryptokiError) -> Provider {
        guard let provider = provider.withLock({ $0 }) else { throw .cryptokiNotInitialized }
        return provider
    }

    func initialize(_ configuration: Configuration) throws(CryptokiError) {
        try provider.withLock { (provider) throws(CryptokiError) in
            guard provider == nil else { throw .cryptokiAlreadyInitialized }
            let store = configuration.usesCache ? DiskCardStore.ofUser(environment: Environment.value) : nil
            var readers = machineReaders()
            if let trace = CallTrace.ofProcess { readers = TracingReaderService(readers, trace: trace) }
            provider = Provider(
                readers: readers, configuration: configuration, store: store,
                register: FileLoginRegister(generation: generation))
        }
    }

    func finalize() throws(CryptokiError) {
        let last = provider.withLock { provider in
            defer { provider = nil }
            return provider
        }
        guard let last else { throw .cryptokiNotInitialized }
        last.finalize()
    }
}
