// SPDX-License-Identifier: Apache-2.0

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
