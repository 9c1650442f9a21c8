// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the kernel says of itself (uname(2)).
struct Kernel {
    let release: String
    /// The processor's name, as in `x86_64-linux-gnu`.
    let processor: String

    init() {
        var name = utsname()
        _ = unsafe uname(&name)
        release = Kernel.text(name.release)
        processor = Kernel.text(name.machine)
    }

    /// A field that ends with a zero byte.
    private static func text<Field>(_ field: Field) -> String {
        unsafe withUnsafeBytes(of: field) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
