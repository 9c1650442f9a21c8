// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HostSystem

/// What a limit does is tried by Tests/Conformance/boundary/surroundings.c: it holds for
/// the whole process.
struct FileSizeLimitTests {
    @Test func `Without a limit files may be long`() {
        #expect(FileSizeLimit.allows(0))
        #expect(FileSizeLimit.allows(1 << 40))
    }
}
