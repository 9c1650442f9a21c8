// SPDX-License-Identifier: Apache-2.0

import Glibc
import SmartCardBytes
import Testing

@Suite struct WipingTests {
    @Test("bytes are wiped where they lie")
    func wipes() {
        var bytes: [UInt8] = [1, 2, 3]
        bytes.wipe()
        #expect(bytes == [0, 0, 0])
        var none: [UInt8] = []
        none.wipe()
        #expect(none.isEmpty)
    }

    @Test("who shares the bytes keeps them")
    func leavesSharedBytes() {
        var bytes: [UInt8] = [1, 2, 3]
        let kept = bytes
        bytes.wipe()
        #expect(kept == [1, 2, 3])
    }

    /// The freed place is read by way of the system: memory that is not ours any more must
    /// not be touched. Others may have taken it meanwhile; the bytes are not theirs.
    @Test("bytes that move leave nothing where they were")
    func leavesNothing() throws {
        let memory = unsafe open("/proc/self/mem", O_RDONLY)
        try #require(memory >= 0)
        defer { close(memory) }
        let secret = (0..<200).map { UInt8($0 * 7 & 0xFF) }
        // Not the same array.
        var bytes = secret.map { $0 }
        let place = unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        bytes.appendLeavingNothing([UInt8](repeating: 1, count: bytes.capacity))
        let newPlace = unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        #expect(newPlace != place)
        var left = [UInt8](repeating: 0, count: secret.count)
        let count = unsafe pread(memory, &left, left.count, off_t(place))
        // A freed place may be unmapped; the allocator writes its own into the first bytes.
        guard count == left.count else { return }
        #expect(zip(left, secret).dropFirst(32).count { $0 == $1 } < 20)
        #expect(bytes.starts(with: secret))
    }

    @Test("appending gives what append gives, however often it has to move")
    func appends() {
        var bytes: [UInt8] = []
        var expected: [UInt8] = []
        for count in 0..<100 {
            let more = [UInt8](repeating: UInt8(count), count: count)
            bytes.appendLeavingNothing(more)
            expected += more
            #expect(bytes == expected)
        }
    }
}
