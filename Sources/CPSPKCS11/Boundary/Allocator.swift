// SPDX-License-Identifier: Apache-2.0

import CSystem

// Between the Swift runtime and the host program's allocator.
//
// Swift asks for the size of a block and assumes a multiple of eight: a String of some length stores a pointer in the
// block's last eight bytes, rounded up. In Chromium the size of a block is 4 less than a multiple of 16, because four
// bytes of Chromium's own follow. The pointer overwrote them, and Chromium ended itself when the block was freed.
// Therefore sizes are rounded to multiples of eight in both directions.

/// Replaces malloc in this library: requests a size rounded up to a multiple of eight bytes. Nil without memory.
@c @implementation
public func __wrap_malloc(_ size: UInt) -> UnsafeMutableRawPointer! {  // checked: the type of the C declaration
    // A size too large for the sum is also too large for the allocator.
    unsafe __real_malloc(size > UInt.max - 7 ? size : (size + 7) & ~7)
}

/// Replaces malloc_usable_size in this library: returns the size rounded down to a multiple of eight bytes.
@c @implementation
// checked: the type of the C declaration
public func __wrap_malloc_usable_size(_ block: UnsafeMutableRawPointer!) -> UInt {
    unsafe __real_malloc_usable_size(block) & ~7
}
