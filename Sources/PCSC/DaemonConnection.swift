// SPDX-License-Identifier: Apache-2.0

import HostSystem
import ISO7816
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A connection of our own to pcscd, over which it is asked whether it still answers.
///
/// libpcsclite waits for pcscd without a limit. When pcscd is stopped or stuck (a reader
/// driver after a suspend), a browser that has called it hangs. So each call that may wait
/// is preceded by a question over this connection, which costs some 20 to 50 µs. While an
/// answer is missing, nothing more is asked of libpcsclite.
///
/// Only silence counts. When nobody listens, or the connection is closed, libpcsclite ends
/// at once as well, and knows the reason.
final class DaemonConnection: Sendable {
    private struct State {
        var socket: OwnedSocket?
        /// Whether the question before was not answered yet.
        var awaitsAnswer = false
        /// Whether there was no room in its queue at the last attempt.
        var foundNoRoom = false
        /// When pcscd, which refused us or was not there, may be tried again.
        var pause = RefusalPause()

        mutating func disconnect() {
            socket = nil
            awaitsAnswer = false
        }
    }

    private let state = Lock(State())
    /// What is to be said to pcscd as soon as it answers again.
    private let debts = Lock<[@Sendable () -> Void]>([])
    /// How long an answer is waited for, in milliseconds.
    private let patience: Int

    /// - Parameter patience: how long the first missing answer is waited for, in
    ///   milliseconds. Until it has come, later questions are not waited for at all.
    init(patience: Int) { self.patience = patience }

    /// How long pcscd is waited for that systemd starts by the first connection: it answers
    /// when it has opened its readers. In milliseconds.
    private static let startPatience = 2500

    /// - Throws: `ChannelError.serviceSilent` when pcscd is there and does not answer; the
    ///   error of the last attempt while the pause after it lasts.
    func requireAnswer() throws(ChannelError) {
        try waiting(for: state) { (state) throws(ChannelError) in try ask(&state) }
        try waiting(for: debts) { (debts) throws(ChannelError) in
            for pay in debts { pay() }
            debts = []
        }
    }

    /// Gives something back that pcscd holds for us: now, or when it answers again and any
    /// thread has something else to ask. In the order of the calls.
    func giveBack(_ work: @escaping @Sendable () -> Void) {
        do throws(ChannelError) {
            try requireAnswer()
        } catch .serviceSilent {
            try? waiting(for: debts) { (debts) throws(ChannelError) in debts.append(work) }
            return
        } catch {}
        work()
    }

    /// Takes note of how an attempt to begin a conversation with pcscd ended.
    func note(_ failure: ChannelError?) {
        try? waiting(for: state) { (state) throws(ChannelError) in state.pause.note(failure) }
    }

    /// Whether the pcscd that was asked last still answers, and is not another one by now.
    var isSameDaemon: Bool {
        let isSame = try? waiting(for: state) { (state) throws(ChannelError) in
            guard let before = state.socket else { return false }
            try ask(&state)
            return state.socket === before
        }
        return isSame ?? false
    }

    func close() { try? waiting(for: state) { (state) throws(ChannelError) in state.disconnect() } }

    /// How long a thread sleeps between two looks at a lock that another one holds, in
    /// microseconds.
    private static let lockIntervals = 100...5000
    /// How long the holder of a lock is waited for, in milliseconds: longer than it waits
    /// for an answer itself.
    private static let lockPatience = 5000
    /// Whether one of our own locks was waited for in vain. Its holder does not come back:
    /// it was interrupted by a signal handler that ends the program by exit(), and this
    /// may be the same thread.
    private let isStuck = Atomic<Bool>(false)

    /// Runs a function under a lock of which the holder may be inside libpcsclite: it is
    /// waited for only as long as pcscd answers, and for five seconds at most.
    func withLock<Value, Result: Sendable>(
        _ lock: borrowing Lock<Value>, _ body: (inout Value) throws(ChannelError) -> Result
    ) throws(ChannelError) -> Result {
        try requireAnswer()
        return try waiting(for: lock, asking: true, body)
    }

    /// Runs a function under a lock that is waited for, but not for ever.
    /// - Parameter asks: whether the wait is to end when pcscd does not answer.
    /// - Throws: `.serviceSilent` when the lock was not to be had; what the function throws.
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

    /// The socket is gone afterwards when nobody is there to ask.
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
            // It has ended; another one may have been started.
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

    /// Connects. Many programs that start at once fill pcscd's queue for a moment, which is
    /// waited for the first time only.
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

    /// How long is waited between two attempts to find room in the queue, in milliseconds.
    private static let crowdInterval = 10

    /// - Returns: false when the connection has ended.
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

/// A socket of this library in a process that is not. The host may close any descriptor
/// and use its number for a file of its own: before each use it is compared with what was
/// opened.
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

    /// Whether the descriptor still is this socket.
    var isOurs: Bool {
        guard let (device, inode) = OwnedSocket.identity(of: descriptor) else { return false }
        return device == self.device && inode == self.inode
    }

    /// The first number behind the standard streams'.
    private static let firstFreeDescriptor: Int32 = 3

    enum Opening {
        case socket(OwnedSocket)
        /// Nobody listens, or this process may not connect or open a socket.
        case nobody
        /// So many connections wait already that the system takes no more.
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

    /// Whether systemd made the listening socket, and starts pcscd when it is needed.
    var isListenedToBySystemd: Bool {
        // struct ucred: process, user, group.
        var credentials: [Int32] = [0, 0, 0]
        var size = socklen_t(credentials.count * MemoryLayout<Int32>.size)
        let code = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size)
        return code == 0 && credentials.first == 1
    }

    // The question is SCARD_ESTABLISH_CONTEXT: every pcscd since 1.6 answers it at once, asks
    // no driver for it, and writes no line to the journal, as it does of CMD_VERSION when
    // it is of another version. The next one replaces the context of the one before.

    /// SCARD_ESTABLISH_CONTEXT of pcsc-lite's winscard_msg.h.
    private static let establishContext: UInt32 = 1
    /// The size of its body, struct establish_struct: scope, context, return code.
    private static let bodySize: UInt32 = 12
    /// The header (size of the body, command) and the body, in the machine's byte order.
    private static let question: [UInt32] = [bodySize, establishContext, 2 /* SCARD_SCOPE_SYSTEM */, 0, 0]

    /// - Returns: whether the question went out.
    func ask() -> Bool {
        unsafe OwnedSocket.question.withUnsafeBytes { bytes in
            unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(clamping: MSG_NOSIGNAL)) == bytes.count
        }
    }

    enum Reply { case answer, silence, end }

    /// - Parameter milliseconds: how long to wait for it.
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
                // After a part of an answer nothing is known of the rest: begin anew.
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
