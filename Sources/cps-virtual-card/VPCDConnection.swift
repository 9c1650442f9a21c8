// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages
import VirtualCPS

/// The socket to vpcd, a driver in pcscd. Each message is a two-byte big-endian length
/// followed by that many bytes. The only file with system calls on sockets.
struct VPCDConnection: ~Copyable {
    /// A message of vpcd to the card.
    enum Message: Equatable {
        case powerOff
        case powerOn
        case reset
        case getATR
        case command([UInt8])
        /// vpcd closed the connection, or a signal asks to stop.
        case end
    }

    private let socket: Int32

    private static let attempts = 100
    private static let pauseMilliseconds = 100

    /// Connects; retries for some seconds while nobody listens there.
    init(host: String, port: UInt16) throws(VirtualCardError) {
        VPCDConnection.catchSignals()
        socket = try VPCDConnection.connectInTime(host, port)
    }

    /// From here on SIGTERM and SIGINT are delivered only inside `wait`: no signal is lost
    /// between two waits, and none interrupts a command.
    private static func catchSignals() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
        signal(SIGTERM) { _ in }
        signal(SIGINT) { _ in }
        signal(SIGPIPE, SIG_IGN)
    }

    private enum Wait {
        case ready
        case timeOut
        case stopped
    }

    /// vpcd writes length and payload separately: its kernel holds the second packet back
    /// until we acknowledge the first, up to 40 ms later. The option is valid for one
    /// acknowledgement.
    private func acknowledgeAtOnce() {
        var on: Int32 = 1
        unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_QUICKACK, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Waits for input, a signal, or at most `milliseconds`. Uses pselect because ppoll is not
    /// available from Swift.
    private static func wait(_ descriptor: Int32?, milliseconds: Int? = nil) -> Wait {
        var readable = fd_set()
        if let descriptor {
            guard descriptor >= 0, descriptor < FD_SETSIZE else { return .stopped }
            unsafe withUnsafeMutableBytes(of: &readable) { bits in
                unsafe bits[Int(descriptor) / 8] |= 1 << UInt8(descriptor % 8)
            }
        }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        let count = (descriptor ?? -1) + 1
        let ready: Int32
        if let milliseconds {
            var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
            ready = unsafe pselect(count, &readable, nil, nil, &time, &none)
        } else {
            ready = unsafe pselect(count, &readable, nil, nil, nil, &none)
        }
        return ready > 0 ? .ready : ready == 0 ? .timeOut : .stopped
    }

    private static func connectInTime(_ host: String, _ port: UInt16) throws(VirtualCardError) -> Int32 {
        for attempt in 0..<attempts {
            let connected = connect(host, port)
            if connected >= 0 { return connected }
            if attempt == 0 {
                say(
                    Messages.Message(
                        "waiting for vpcd at \(host):\(port)...", fr: "attente de vpcd sur \(host):\(port)..."))
            }
            if wait(nil, milliseconds: pauseMilliseconds) == .stopped { break }
        }
        throw VirtualCardError(
            Messages.Message(
                "no vpcd listens at \(host):\(port): does pcscd run, with vpcd configured for this port?",
                fr: "aucun vpcd n'écoute sur \(host):\(port) : pcscd tourne-t-il, avec vpcd configuré pour ce port ?"))
    }

    deinit { close(socket) }

    /// Receives the next message.
    func receive() -> Message {
        guard let head = read(2) else { return .end }
        let length = Int(head[0]) << 8 | Int(head[1])
        guard length > 0, let body = read(length) else { return .end }
        guard length == 1 else { return .command(body) }
        switch body[0] {
        case 0: return .powerOff
        case 1: return .powerOn
        case 2: return .reset
        case 4: return .getATR
        default: return .command(body)
        }
    }

    /// - Returns: false if vpcd closed the connection.
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = ([UInt8(truncatingIfNeeded: bytes.count >> 8), UInt8(truncatingIfNeeded: bytes.count)] + bytes)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(socket, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Reads exactly `count` bytes; nil at the end of input or on a signal.
    private func read(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            acknowledgeAtOnce()
            guard VPCDConnection.wait(socket) == .ready else { return nil }
            var piece = [UInt8](repeating: 0, count: count - bytes.count)
            let size = piece.count
            let got = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(socket, $0.baseAddress, size) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            bytes += piece.prefix(got)
        }
        return bytes
    }

    /// A connected socket, or -1.
    private static func connect(_ host: String, _ port: UInt16) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0 else { return -1 }
        defer { unsafe freeaddrinfo(list) }
        var next = unsafe list
        while let address = unsafe next {
            let candidate = unsafe Glibc.socket(
                address.pointee.ai_family, address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue),
                address.pointee.ai_protocol)
            if candidate >= 0 {
                if unsafe Glibc.connect(candidate, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 {
                    return candidate
                }
                close(candidate)
            }
            unsafe next = address.pointee.ai_next
        }
        return -1
    }
}
