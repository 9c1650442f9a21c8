// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ClientPrograms

@Suite("Libraries that a shared library needs")
struct SharedLibraryTests {
    private let own = Machine().bytes(of: "/proc/self/exe")

    @Test("this program needs the C library")
    func itself() throws {
        let bytes = try #require(own)
        #expect(try #require(SharedLibrary(bytes)).needed.contains("libc.so.6"))
    }

    @Test("a damaged file is none, or names fewer libraries; nothing is read beyond its end")
    func damaged() throws {
        let bytes = Array(try #require(own).prefix(4096))
        #expect(SharedLibrary([]) == nil)
        #expect(SharedLibrary(Array("no library".utf8)) == nil)
        for length in 0..<bytes.count { _ = SharedLibrary(Array(bytes.prefix(length))) }
        for index in 0..<120 {
            for value: UInt8 in [0, 0x7F, 0xFF] {
                var damaged = bytes
                damaged[index] = value
                _ = SharedLibrary(damaged)
            }
        }
    }
}
