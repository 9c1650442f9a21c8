// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Testing
import VirtualCPSTestSupport

@testable import Cryptoki

/// A browser with many pages, a server with many workers: what a call costs in this
/// process must not grow with the sessions that are open and the readers that are
/// plugged in.
@Suite("10 000 sessions and 16 readers", .serialized)
struct ManySessionsTests {
    static let sessions = 10_000
    static let readers = 16

    /// A provider with a card in each of its readers, its objects known.
    struct Load {
        let provider: Provider
        /// One of the sessions on slot 0, and an object that it sees.
        let session: CK_SESSION_HANDLE
        let object: CK_OBJECT_HANDLE

        init(sessions: Int, readers: Int) throws {
            let names = (0..<readers).map { "Virtual Reader 0\($0)" }
            let inProcess = InProcessReaders(names)
            for name in names { inProcess.insert(try Bench.card("doctor-cps4"), into: name) }
            provider = Provider(readers: inProcess)
            _ = provider.slotCount(tokenPresent: true)
            for number in 1..<sessions {
                _ = try provider.openSession(CK_SLOT_ID(number % readers), readWrite: number % 2 == 0)
            }
            session = try Program(provider).logIn()
            object = try Program(provider).key("CPS_PRIV_AUT", session)
        }

        /// The time of some calls, in nanoseconds.
        func time(_ call: (Load) throws -> Void) throws -> Double {
            let clock = ContinuousClock()
            let start = clock.now
            for _ in 0..<20 { try call(self) }
            return (clock.now - start) / .nanoseconds(1)
        }
    }

    /// Each with how many times as much it may cost: a list of readers is made of them
    /// all.
    static let calls: [(name: String, share: Int, call: @Sendable (Load) throws -> Void)] = [
        ("C_GetSlotList", readers, { _ = $0.provider.slotCount(tokenPresent: true) }),
        ("C_GetSlotInfo", 1, { _ = try $0.provider.slotInfo(0) }),
        ("C_GetTokenInfo", 1, { _ = try $0.provider.tokenInfo(0) }),
        ("C_GetSessionInfo", 1, { _ = try $0.provider.sessionInfo($0.session) }),
        ("C_GetAttributeValue", 1, { _ = try $0.provider.object($0.session, $0.object).value(of: CKA_ID) }),
        ("C_FindObjects", 1, { _ = try Program($0.provider).key("CPS_PRIV_AUT", $0.session) }),
        ("C_OpenSession and C_CloseSession", 1, { try $0.provider.closeSession(Program($0.provider).open()) }),
    ]

    @Test("cost no more per call than one")
    func costs() throws {
        let one = try Load(sessions: 1, readers: 1)
        let many = try Load(sessions: ManySessionsTests.sessions, readers: ManySessionsTests.readers)
        defer {
            one.provider.finalize()
            many.provider.finalize()
        }
        #expect(try many.provider.tokenInfo(0).sessionCount + many.provider.tokenInfo(1).sessionCount > 1000)
        for (name, share, call) in ManySessionsTests.calls {
            // The best of several turns: other tests run beside this one.
            var best = (one: Double.infinity, many: Double.infinity)
            for _ in 0..<25 {
                best.one = min(best.one, try one.time(call))
                best.many = min(best.many, try many.time(call))
            }
            #expect(best.many < best.one * Double(3 * share), "\(name)")
        }
    }

    @Test("are counted for each card by itself, and closed by slot")
    func counts() throws {
        let load = try Load(sessions: 100, readers: 4)
        let provider = load.provider
        defer { provider.finalize() }
        #expect(try (0..<4).map { try provider.tokenInfo($0).sessionCount } == [25, 25, 25, 25])
        #expect(try (0..<4).map { try provider.tokenInfo($0).readWriteSessionCount } == [24, 0, 25, 0])
        try provider.closeAllSessions(2)
        #expect(try (0..<4).map { try provider.tokenInfo($0).sessionCount } == [25, 25, 0, 25])
        try provider.closeSession(load.session)
        #expect(try provider.tokenInfo(0).sessionCount == 24)
        #expect(throws: CryptokiError.sessionHandleInvalid) { try provider.closeSession(load.session) }
        #expect(try provider.tokenInfo(0).sessionCount == 24)
    }
}
