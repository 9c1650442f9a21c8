// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostSystem
import ISO7816
import Synchronization

/// This library's own connection to pcscd, to check that it still answers.
///
/// libpcsclite waits for pcscd without a limit. If pcscd is stopped or stuck (a reader driver after a suspend), a
/// browser that calls it hangs. So a question over this connection precedes each call that may wait; it takes some 20
/// to 50 µs. While an answer is missing, libpcsclite is not called.
///
/// Only silence matters. If nobody listens, or the connection is closed, libpcsclite also returns at once, with the
/// reason.
final class DaemonConnection: Sendable {
    private struct State {
        var socket: OwnedSocket?
        /// Whether the last question is still unanswered.
        var awaitsAnswer = false
        /// Whether pcscd's connection queue was full at the last attempt.
        var foundNoRoom = false
        /// The pause before the next attempt, after pcscd refused us or was missing.
        var pause = RefusalPause()

        mutating func disconnect() {
            socket = nil
            awaitsAnswer = false
        }
    }

    private let state = Lock(State())
    /// The calls to make as soon as pcscd answers again.
    private let debts = Lock<[@Sendable () -> Void]>([])
    /// The longest wait for an answer, in milliseconds.
    private let patience: Int

    /// - Parameter patience: the longest wait for the first missing answer, in milliseconds. Later questions do not
    ///   wait until it has arrived.
    init(patience: Int) { self.patience = patience }

    /// The longest wait for a pcscd that systemd starts at the first connection, in milliseconds. It answers when it
    /// has opened its readers.
    private static let startPatience = 2500

    /// - Throws: `ChannelError.serviceSilent` if pcscd runs but does not answer; the error of the last attempt during
    ///   the pause after it.
    func requireAnswer() throws(ChannelError) {
        try waiting(for: state) { (state) throws(ChannelError) in try ask(&state) }
        try waiting(for: debts) { (debts) throws(ChannelError) in
            for pay in debts { pay() }
            debts = []
        }
    }

    /// Releases something that pcscd holds for us: now, or with the first call after pcscd answers again. The order
    /// of the calls is preserved.
    func giveBack(_ work: @escaping @Sendable () -> Void) {
        do throws(ChannelError) {
            try requireAnswer()
        } catch .serviceSilent {
            try? waiting(for: debts) { (debts) throws(ChannelError) in debts.append(work) }
            return
        } catch {}
        work()
    }

    /// Notes the result of an attempt to connect to pcscd.
    func note(_ failure: ChannelError?) {
        try? waiting(for: state) { (state) throws(ChannelError) in state.pause.note(failure) }
    }

    /// Whether the last pcscd still answers and has not been replaced by another one.
    var isSameDaemon: Bool {
        let isSame = try? waiting(for: state) { (state) throws(ChannelError) in
            guard let before = state.socket else { return false }
            try ask(&state)
            return state.socket === before
        }
        return isSame ?? false
    }

    func close() { try? waiting(for: state) { (state) throws(ChannelError) in state.disconnect() } }

    /// The time between two attempts to get a lock, in microseconds.
    private static let lockIntervals = 100...5000
    /// The longest wait for a lock, in milliseconds: longer than its holder waits for an answer.
    private static let lockPatience = 5000
    /// Whether a wait for one of our own locks has failed. Its holder does not return: it was interrupted by a signal
    /// handler that calls exit(), perhaps on this thread.
    private let isStuck = Atomic<Bool>(false)

    /// Runs a function under a lock whose holder may be inside libpcsclite. Waits only while pcscd answers, at most
    /// five seconds.
    /// - Throws: `.serviceSilent` without the lock; what the function throws.
    func withLock<Value, Result: Sendable>(
        _ lock: borrowing Lock<Value>, _ body: (inout Value) throws(ChannelError) -> Result
    ) throws(ChannelError) -> Result {
        try requireAnswer()
        return try waiting(for: lock, asking: true, body)
    }

    /// Runs a function under a lock, with a limited wait.
    /// - Parameter asks: whether the wait ends if pcscd does not answer.
    /// - Throws: `.serviceSilent` without the lock; what the function throws.
    private func waiting<Value, Result: Sendable>(
        for lock: borrowing Lock<Value>, asking asks: Bool = false,
        _ body: (inout Value) throws(ChannelError) -> Result
    ) throws(ChannelError) -> Result {
        let deadline = Deadline(milliseconds: DaemonConnection.lockPatience)
        var interval = DaemonConnection.lockIntervals.lowerBound
        while true {
            if let result = try lock.withLockIfAvailable({ (value) throws(ChannelError) in
                if !asks { isStuck.store(false, ordering: .relaxed) }
                return try body(&value)
            }) {
                return result
            }
            if deadline.left == 0 || !asks && isStuck.load(ordering: .relaxed) {
                if !asks { isStuck.store(true, ordering: .relaxed) }
                throw .serviceSilent
            }
            usleep(useconds_t(truncatingIfNeeded: interval))
            interval = min(interval * 2, DaemonConnection.lockIntervals.upperBound)
            if asks { try requireAnswer() }
        }
    }

    /// Asks pcscd. If nobody listens, there is no socket afterwards.
    private func ask(_ state: inout State) throws(ChannelError) {
        if DaemonSocket.isDelegated { return }
        if let socket = state.socket, !socket.isOurs { state.disconnect() }
        if state.awaitsAnswer, let socket = state.socket {
            switch socket.receiveAnswer(within: 0) {
            case .answer: state.awaitsAnswer = false
            case .silence: throw .serviceSilent
            case .end: state.disconnect()
            }
        }
        if let socket = state.socket {
            if try ask(socket, &state, patience: patience) { return }
            // The connection has ended. Another pcscd may be running.
        }
        try state.pause.require()
        switch openSocket(&state) {
        case .nobody: return
        case .crowded: throw .serviceSilent
        case .socket(let socket):
            state.socket = socket
            let longest = socket.isListenedToBySystemd ? DaemonConnection.startPatience : 0
            _ = try ask(socket, &state, patience: max(patience, longest))
        }
    }

    /// Connects. Many programs that start at once can fill pcscd's queue briefly. Only the first attempt waits for
    /// that.
    private func openSocket(_ state: inout State) -> OwnedSocket.Opening {
        let deadline = Deadline(milliseconds: state.foundNoRoom ? 0 : patience)
        while true {
            let opening = OwnedSocket.open()
            guard case .crowded = opening else {
                state.foundNoRoom = false
                return opening
            }
            guard deadline.left > 0 else {
                state.foundNoRoom = true
                return opening
            }
            deadline.pause(milliseconds: DaemonConnection.crowdInterval)
        }
    }

    /// The time between two attempts while the queue is full, in milliseconds.
    private static let crowdInterval = 10

    /// - Returns: false if the connection has ended.
    private func ask(_ socket: OwnedSocket, _ state: inout State, patience: Int) throws(ChannelError) -> Bool {
        switch socket.ask() ? socket.receiveAnswer(within: patience) : .end {
        case .answer: return true
        case .silence:
            state.awaitsAnswer = true
            throw .serviceSilent
        case .end:
            state.disconnect()
            return false
        }
    }
}

/// A socket of this library in another program's process. That program may close any descriptor and reuse its number,
/// so the socket is checked before each use.
private final class OwnedSocket: Sendable {
    private let descriptor: Int32
    private let device: dev_t
    private let inode: ino_t

    private init?(_ descriptor: Int32) {
        guard let (device, inode) = OwnedSocket.identity(of: descriptor) else { return nil }
        self.descriptor = descriptor
        self.device = device
        self.inode = inode
    }

    deinit { if isOurs { close(descriptor) } }

    private static func identity(of descriptor: Int32) -> (dev_t, ino_t)? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        return (status.st_dev, status.st_ino)
    }

    /// Whether the descriptor is still this socket.
    var isOurs: Bool {
        guard let (device, inode) = OwnedSocket.identity(of: descriptor) else { return false }
        return device == self.device && inode == self.inode
    }

    /// The first number after the standard streams.
    private static let firstFreeDescriptor: Int32 = 3

    enum Opening {
        case socket(OwnedSocket)
        /// Nobody listens, or this process cannot connect or open a socket.
        case nobody
        /// The queue of pending connections is full.
        case crowded
    }

    static func open() -> Opening {
        var descriptor = socket(
            AF_UNIX, Int32(truncatingIfNeeded: SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0
        )
        guard descriptor >= 0 else { return .nobody }
        if descriptor < OwnedSocket.firstFreeDescriptor {
            // A program without standard streams prints to whatever has their numbers.
            let higher = fcntl(descriptor, F_DUPFD_CLOEXEC, OwnedSocket.firstFreeDescriptor)
            close(descriptor)
            guard higher >= 0 else { return .nobody }
            descriptor = higher
        }
        guard connectToDaemon(descriptor) else {
            let isCrowded = errno == EAGAIN
            close(descriptor)
            return isCrowded ? .crowded : .nobody
        }
        guard let socket = OwnedSocket(descriptor) else {
            close(descriptor)
            return .nobody
        }
        return .socket(socket)
    }

    private static func connectToDaemon(_ descriptor: Int32) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = DaemonSocket.path
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.prefix($0.count - 1)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, size) }
                == 0
        }
    }

    /// Whether systemd listens on the socket and starts pcscd on demand.
    var isListenedToBySystemd: Bool {
        // struct ucred: process, user, group.
        var credentials: [Int32] = [0, 0, 0]
        var size = socklen_t(credentials.count * MemoryLayout<Int32>.size)
        let code = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size)
        return code == 0 && credentials.first == 1
    }

    // The question is SCARD_ESTABLISH_CONTEXT. Every pcscd since 1.6 answers it at once, without a driver, and
    // without a line in the journal (which it writes for CMD_VERSION of another version). Each one replaces the
    // context of the one before.

    /// SCARD_ESTABLISH_CONTEXT in pcsc-lite's winscard_msg.h.
    private static let establishContext: UInt32 = 1
    /// The size of its body in bytes, struct establish_struct: scope, context, return code.
    private static let bodySize: UInt32 = 12
    /// The header (size of the body, command) and the body, in the machine's byte order.
    private static let question: [UInt32] = [bodySize, establishContext, 2 /* SCARD_SCOPE_SYSTEM */, 0, 0]

    /// - Returns: whether the question was sent.
    func ask() -> Bool {
        unsafe OwnedSocket.question.withUnsafeBytes { bytes in
            unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(clamping: MSG_NOSIGNAL)) == bytes.count
        }
    }

    enum Reply { case answer, silence, end }

    /// - Parameter milliseconds: the longest wait.
    func receiveAnswer(within milliseconds: Int) -> Reply {
        let deadline = Deadline(milliseconds: milliseconds)
        var missing = Int(OwnedSocket.bodySize)
        var buffer = [UInt8](repeating: 0, count: missing)
        while missing > 0 {
            let count = unsafe recv(descriptor, &buffer, missing, 0)
            if count > 0 {
                missing -= count
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                // An incomplete answer cannot be continued later: reconnect.
                if deadline.left == 0 { return missing == buffer.count ? .silence : .end }
                var request = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: POLLIN), revents: 0)
                _ = unsafe poll(&request, 1, Int32(clamping: deadline.left))
            } else {
                return .end
            }
        }
        return .answer
    }
}
