// SPDX-License-Identifier: Apache-2.0

import CPKCS11

/// The memory of a program with bugs: buffers of exactly the size that it says, or
/// none at all, or with a size that nobody can mean. What the library may read or
/// write by its own limits is always there; AddressSanitizer sees the rest.
final class HostileMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    /// More than the library takes of anything that has a length (64 KiB of an
    /// attribute's value).
    private static let enough = 70_000

    /// Sizes that are no sizes.
    private static let absurd: [CK_ULONG] = [
        .max, .max - 1, 1 << 63, (1 << 63) - 1, 1 << 62, 1 << 53, 1 << 32, (1 << 32) - 1, 1 << 31,
    ]
    /// Those of them by which a pointer beside them cannot be meant.
    private static let impossible: [CK_ULONG] = [.max, .max - 1, 1 << 63, (1 << 63) - 1, 1 << 62, 1 << 53]

    deinit { for block in blocks { block.deallocate() } }

    func allocate<Value>(_ type: Value.Type, _ count: Int) -> UnsafeMutablePointer<Value> {
        let size = count * MemoryLayout<Value>.stride
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        block.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        blocks.append(block)
        return block.bindMemory(to: Value.self, capacity: count)
    }

    /// A place for one value; null now and then.
    func place<Value>(_ type: Value.Type, _ input: inout FuzzInput) -> UnsafeMutablePointer<Value>? {
        input.byte() == 0xFF ? nil : allocate(type, 1)
    }

    func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<UInt8> {
        let copy = allocate(UInt8.self, bytes.count)
        copy.update(from: bytes, count: bytes.count)
        return copy
    }

    /// Bytes to read.
    /// - Parameter isLimited: whether the library reads no more of them than it needs,
    ///   whatever length it is told.
    func bytes(
        _ input: inout FuzzInput, isLimited: Bool, usually: [UInt8] = [UInt8](repeating: 0x41, count: 32)
    ) -> (pointer: UnsafeMutablePointer<UInt8>?, count: CK_ULONG) {
        switch input.byte() {
        case 0xF0...0xF3: return (nil, 0)
        case 0xF4...0xF7: return (nil, input.element(of: HostileMemory.absurd))
        case 0xF8...0xFB:
            let list = isLimited ? HostileMemory.absurd : HostileMemory.impossible
            return (allocate(UInt8.self, HostileMemory.enough), input.element(of: list))
        case 0xFC...0xFF: return (copy([]), 0)
        case 0x80...0xEF:
            let count = input.number() % 1100
            return (copy([UInt8](repeating: input.byte(), count: count)), CK_ULONG(count))
        default: return (copy(usually), CK_ULONG(usually.count))
        }
    }

    /// A buffer to write to, and where its size stands.
    func buffer(
        _ input: inout FuzzInput
    ) -> (pointer: UnsafeMutablePointer<UInt8>?, count: UnsafeMutablePointer<CK_ULONG>?) {
        let count = allocate(CK_ULONG.self, 1)
        switch input.byte() {
        case 0xF0...0xF3: return (allocate(UInt8.self, 16), nil)
        case 0xF4...0xF7: return (nil, nil)
        case 0xF8...0xFF:
            count.pointee = input.element(of: HostileMemory.absurd)
            return (allocate(UInt8.self, HostileMemory.enough), count)
        case 0xC0...0xEF: return (nil, count)
        case 0x80...0xBF:
            count.pointee = CK_ULONG(input.number() % 600)
            return (allocate(UInt8.self, Int(count.pointee)), count)
        default:
            count.pointee = 2048
            return (allocate(UInt8.self, 2048), count)
        }
    }

    /// A list to write to, and where its size stands.
    func list<Element>(
        _ type: Element.Type, _ input: inout FuzzInput
    ) -> (pointer: UnsafeMutablePointer<Element>?, count: UnsafeMutablePointer<CK_ULONG>?) {
        let (bytes, count) = buffer(&input)
        guard bytes != nil, let size = count?.pointee else { return (nil, count) }
        return (allocate(type, Int(min(size, 2048))), count)
    }
}
