// SPDX-License-Identifier: Apache-2.0

import Foundation
import SmartCardBytes
import Testing

@testable import CPSCard

/// What is left in memory of a file that was read and wiped: the whole memory of the process
/// is looked through, also what was given back.
@Suite struct LeftBytesTests {
    /// A file that is nowhere but in what the card answers: each byte is a function of its place.
    private static func byte(at place: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (place &* 2_654_435_761) >> 11) ^ 0xA7
    }
    private static let fileLength = 1000

    private static func answer(to command: [UInt8]) -> [UInt8] {
        guard command[1] == 0xB0 else { return [0x90, 0x00] }
        let offset = Int(command[2]) << 8 | Int(command[3])
        let count = min(command[4] == 0 ? 256 : Int(command[4]), max(fileLength - offset, 0))
        // Room from the beginning: an array that grows would leave bytes behind of its own.
        var answer: [UInt8] = []
        answer.reserveCapacity(count + 2)
        for place in offset..<offset + count { answer.append(byte(at: place)) }
        answer += [0x90, 0x00]
        return answer
    }

    @Test("each part of a file that was read is wiped")
    func wipesParts() throws {
        let memory = try OwnMemory()
        let commands = CPS4Commands()
        commands.exchange.channel = FunctionChannel(Self.answer)
        var file = try commands.readFile(FilePath(0x0001, 0xD120), .whole)
        #expect(file.count == Self.fileLength)
        // In the middle of each of the four parts: the allocator writes its own into the first bytes.
        let places = [100, 356, 612, 868]
        for place in places { #expect(memory.count(24, of: { Self.byte(at: place + $0) }) == 1, "\(place)") }
        file.wipe()
        for place in places { #expect(memory.count(24, of: { Self.byte(at: place + $0) }) == 0, "\(place)") }
    }
}

/// The memory of this process that can be written to, read by way of the system: what was given
/// back must not be touched.
@safe private final class OwnMemory {
    private let descriptor: Int32
    /// What is looked for, and behind it a piece of memory. Not looked through itself.
    private let room: UnsafeMutableRawPointer
    private static let pieceLength = 1 << 20
    private static let roomLength = pieceLength + 4096

    init() throws {
        descriptor = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        let pages = unsafe mmap(
            nil, OwnMemory.roomLength, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        unsafe room = try #require(pages)
    }

    deinit {
        close(descriptor)
        unsafe munmap(room, OwnMemory.roomLength)
    }

    /// How often bytes are in memory.
    /// - Parameter bytes: the byte at each place of them.
    func count(_ length: Int, of bytes: (Int) -> UInt8) -> Int {
        for index in 0..<length { unsafe room.storeBytes(of: bytes(index), toByteOffset: index, as: UInt8.self) }
        let own = unsafe UInt(bitPattern: room)
        var found = 0
        for area in areas where own < area.lowerBound || own >= area.upperBound {
            var start = area.lowerBound
            while start < area.upperBound {
                let wanted = min(Int(area.upperBound - start), OwnMemory.pieceLength)
                let got = unsafe pread(descriptor, room + 4096, wanted, off_t(start))
                if got > 0 { found += occurrences(of: length, in: got) }
                // What lies across the end of a piece is in the next one, too.
                start += UInt(max(wanted - length, wanted == OwnMemory.pieceLength ? 1 : wanted))
            }
        }
        return found
    }

    private func occurrences(of length: Int, in count: Int) -> Int {
        var found = 0
        var rest = count
        while rest >= length,
            let place = unsafe memchr(room + 4096 + (count - rest), Int32(room.load(as: UInt8.self)), rest - length + 1)
        {
            if unsafe memcmp(place, room, length) == 0 { found += 1 }
            rest = unsafe count - (place - (room + 4096)) - 1
        }
        return found
    }

    /// The areas of proc(5), maps, that can be read and written.
    private var areas: [Range<UInt>] {
        let text = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            // The kernel's own pages at the end of all addresses are none of ours.
            guard ends.count == 2, words[1].hasPrefix("rw"), ends[1] < UInt(Int.max) else { return nil }
            return ends[0]..<ends[1]
        }
    }
}
