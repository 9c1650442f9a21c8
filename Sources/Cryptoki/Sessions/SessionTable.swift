// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import HostSystem

/// The open sessions by their handles. Handles count up from 1 and are never reused. Sessions are also counted per
/// token, so that no call becomes slower with the number of sessions.
final class SessionTable: Sendable {
    /// The number of sessions of a token.
    struct Count {
        var all = 0
        var readWrite = 0
    }

    private struct State {
        var next: CK_SESSION_HANDLE = 1
        var sessions: [CK_SESSION_HANDLE: Session] = [:]
        /// For tokens with at least one session.
        var counts: [ObjectIdentifier: Count] = [:]

        mutating func count(_ session: Session, by step: Int) {
            let token = ObjectIdentifier(session.token)
            var count = counts[token] ?? Count()  // checked: a dictionary
            count.all += step
            if session.isReadWrite { count.readWrite += step }
            counts[token] = count.all == 0 ? nil : count  // checked: a dictionary
        }
    }

    private let state = Lock(State())

    func open(on token: Token, in slot: Slot, readWrite: Bool) -> CK_SESSION_HANDLE {
        state.withLock { state in
            let session = Session(handle: state.next, slot: slot, token: token, isReadWrite: readWrite)
            state.next += 1
            state.sessions[session.handle] = session  // checked: a dictionary
            state.count(session, by: 1)
            return session.handle
        }
    }

    // checked: a dictionary
    subscript(handle: CK_SESSION_HANDLE) -> Session? { state.withLock { $0.sessions[handle] } }

    func close(_ handle: CK_SESSION_HANDLE) {
        state.withLock { state in
            if let session = state.sessions.removeValue(forKey: handle) { state.count(session, by: -1) }
        }
    }

    func closeAll(where condition: (Session) -> Bool) {
        state.withLock { state in
            for session in state.sessions.values.filter(condition) {
                state.sessions[session.handle] = nil  // checked: a dictionary
                state.count(session, by: -1)
            }
        }
    }

    func sessions(of token: Token) -> [Session] {
        state.withLock { state in state.sessions.values.filter { $0.token === token } }
    }

    // checked: a dictionary
    func count(of token: Token) -> Count { state.withLock { $0.counts[ObjectIdentifier(token)] ?? Count() } }
}
