// SPDX-License-Identifier: Apache-2.0

import CSystem

// Between the Swift runtime and the allocator of the program that loaded us.
//
// Swift asks for the size of a block and takes it for a multiple of eight: a String
// of some length keeps a pointer in the block's last eight bytes, rounded up. In
// Chromium a block's size is 4 less than a multiple of 16, because four bytes of
// Chromium's own follow; the pointer went over them, and Chromium ended itself when
// the block was freed. Hence whole eights are asked for, and whole eights answered.

/// Takes the place of malloc in this library: asks for a size rounded up to a multiple of eight bytes. Nil when
/// there is no memory.
@c @implementation
public func __wrap_malloc(_ size: UInt) -> UnsafeMutableRawPointer! {  // checked: the type of the C declaration
    // What is too large for the sum is too large for the allocator as well.
    unsafe __real_malloc(size > UInt.max - 7 ? size : (size + 7) & ~7)
}

/// Takes the place of malloc_usable_size in this library: answers the size rounded down to a multiple of eight
/// bytes.
@c @implementation
// checked: the type of the C declaration
public func __wrap_malloc_usable_size(_ block: UnsafeMutableRawPointer!) -> UInt {
    unsafe __real_malloc_usable_size(block) & ~7
}
