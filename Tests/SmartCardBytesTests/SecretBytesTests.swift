// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SmartCardBytes
import Testing

@Suite struct SecretBytesTests {
    private func bytes(of secret: borrowing SecretBytes) -> [UInt8] {
        secret.withSpan { span in span.indices.map { span[$0] } }
    }

    @Test("a copy of a collection is lent as it is")
    func copies() {
        let secret = SecretBytes([1, 2, 3])
        #expect(bytes(of: secret) == [1, 2, 3])
        #expect(secret.count == 3)
        let isEmpty = secret.isEmpty
        #expect(!isEmpty)
    }

    @Test("the caller's memory is copied, and only copied")
    func callersMemory() {
        let pin: [UInt8] = [0x31, 0x32, 0x33, 0x34]
        let copied = unsafe pin.withUnsafeBytes { buffer in
            let secret = unsafe SecretBytes(copying: buffer)
            return bytes(of: secret)
        }
        #expect(copied == pin && pin == [0x31, 0x32, 0x33, 0x34])
        let none = unsafe SecretBytes(copying: UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(bytes(of: none) == [])
    }

    /// In a process of its own, which gets no more memory from the system.
    @Test("a system that has no pages to give does no harm")
    func noPages() async {
        await #expect(processExitsWith: .success) {
            // What the allocator has left is enough.
            let spare = [UInt8](repeating: 0, count: 4096)
            var limit = rlimit(rlim_cur: 1, rlim_max: 1)
            let areLimited = unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0
            let hasNoPages =
                unsafe mmap(nil, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
            guard areLimited, hasNoPages, spare.count == 4096 else { exit(2) }
            var secret = SecretBytes(capacity: 3)
            for byte: UInt8 in [1, 2, 3, 4] { secret.append(byte) }
            let isWhole = secret.withSpan { span in span.count == 3 && span[0] == 1 && span[2] == 3 }
            exit(isWhole ? 0 : 3)
        }
    }

    /// What the system says of the pages (proc(5), smaps): "dd" is in no core dump, "wf"
    /// empty in a process that is forked off, "lo" in no swap space. They are no one else's.
    @Test("the pages are in no core dump, in no forked process and in no swap space")
    func pages() throws {
        let secret = SecretBytes([1, 2, 3])
        let address = secret.withSpan { span in unsafe span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        }
        let flags = try SecretBytesTests.flags(ofPagesAt: address)
        #expect(flags.contains("dd") && flags.contains("wf"), "\(flags)")
        if try SecretBytesTests.mayLockPages() { #expect(flags.contains("lo"), "\(flags)") }
        #expect(secret.count == 3)
    }

    /// Whether the system lets this process lock a page; containers may not.
    private static func mayLockPages() throws -> Bool {
        let page = unsafe try #require(mmap(nil, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { unsafe munmap(page, 1) }
        return unsafe mlock(page, 1) == 0
    }

    private static func flags(ofPagesAt address: UInt) throws -> [Substring] {
        let map = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/smaps")).readToEnd() ?? Data()
        let lines = String(decoding: map, as: UTF8.self).split(separator: "\n")
        let own = try #require(lines.firstIndex { SecretBytesTests.isRegion($0, of: address) })
        return try #require(lines[own...].first { $0.hasPrefix("VmFlags:") }).split(separator: " ")
    }

    /// Whether a line begins the region of an address: "first-last rights ...".
    private static func isRegion(_ line: Substring, of address: UInt) -> Bool {
        let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
        return bounds.count == 2 && (bounds[0]..<bounds[1]).contains(address)
    }

    @Test("bytes beyond the capacity are dropped: the room never grows")
    func capacity() {
        var secret = SecretBytes(capacity: 3)
        #expect(bytes(of: secret) == [])
        secret.append(contentsOf: [1, 2])
        secret.append(contentsOf: [3, 4, 5])
        secret.append(6)
        #expect(bytes(of: secret) == [1, 2, 3])
        secret.append(SecretBytes([9]))
        #expect(secret.count == 3)
    }

    @Test("the room stays where it is while it fills")
    func noGrowth() {
        var secret = SecretBytes(capacity: 64)
        func address(_ secret: borrowing SecretBytes) -> UInt {
            secret.withSpan { span in unsafe span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } }
        }
        secret.append(1)
        let before = address(secret)
        for byte in 0..<200 { secret.append(UInt8(byte)) }
        #expect(address(secret) == before)
        #expect(secret.count == 64)
    }

    @Test("an absurd capacity is the smallest one", arguments: [0, -1, Int.min])
    func absurdCapacity(capacity: Int) {
        var secret = SecretBytes(capacity: capacity)
        secret.append(7)
        secret.append(8)
        #expect(bytes(of: secret) == [7])
    }

    @Test("one secret is appended to another")
    func joining() {
        var both = SecretBytes(capacity: 8)
        both.append(SecretBytes([1, 2]))
        both.append(SecretBytes([]))
        both.append(SecretBytes([3]))
        #expect(bytes(of: both) == [1, 2, 3])
        let (small, all) = (both.allSatisfy { $0 < 4 }, both.allSatisfy { $0 < 3 })
        #expect(small && !all)
    }

    @Test("an error of the borrower comes through")
    func errors() {
        #expect(throws: MalformedBytes.truncated) {
            let secret = SecretBytes([1])
            try secret.withSpan { (_) throws(MalformedBytes) in throw .truncated }
        }
    }
}
