// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The response of SELECT on each card (cards.md §2.4, §9.4).
enum FileControlInformation {
    /// CPS3: template 62 with access rules for both interfaces, like a real card.
    static func ias(_ file: CardFile, at path: VirtualFilePath) -> [UInt8] {
        let lifeCycle = BERTLV.encode(tag: 0x8A, [0x05])
        switch file {
        case .elementary(let file):
            let rules = BERTLV.encode(
                tag: 0xA1,
                parts: [
                    BERTLV.encode(tag: 0x8C, file.contact.encoded),
                    BERTLV.encode(tag: 0x9C, file.contactless.encoded),
                ])
            let short = BERTLV.encode(tag: 0x88, [file.shortIdentifier])
            return BERTLV.encode(tag: 0x62, parts: elementary(file, path) + [short, rules, lifeCycle])
        case .directory(let name):
            let rules = BERTLV.encode(
                tag: 0xA1,
                parts: [
                    BERTLV.encode(tag: 0x8C, [0x7A, 0xFF, 0xFF, 0xFF, 0xFF, 0x45])
                ])
            return BERTLV.encode(tag: 0x62, parts: directory(name, path) + [rules, lifeCycle])
        }
    }

    /// CPS4: template 6F, the smallest that the specification names.
    static func chipDoc(_ file: CardFile, at path: VirtualFilePath) -> [UInt8] {
        let parts =
            switch file {
            case .elementary(let file): elementary(file, path)
            case .directory(let name): directory(name, path)
            }
        return BERTLV.encode(tag: 0x6F, parts: parts + [BERTLV.encode(tag: 0x8A, [0x05])])
    }

    /// CPS2ter: 85, then size, identifier and type, 01 for the MF, 02 for a DF,
    /// 04 for a file (cards.md §2.14).
    static func cps2ter(_ file: CardFile, at path: VirtualFilePath) -> [UInt8] {
        let size: Int
        let type: UInt8
        switch file {
        case .elementary(let file): (size, type) = (file.contents.count, 0x04)
        case .directory: (size, type) = (0, path == .root ? 0x01 : 0x02)
        }
        return BERTLV.encode(tag: 0x85, bytes(size) + bytes(Int(path.identifier)) + [type])
    }

    private static func elementary(_ file: ElementaryFile, _ path: VirtualFilePath) -> [[UInt8]] {
        [
            BERTLV.encode(tag: 0x80, bytes(file.contents.count)),
            BERTLV.encode(tag: 0x82, [0x01]),
            BERTLV.encode(tag: 0x83, bytes(Int(path.identifier))),
        ]
    }

    private static func directory(_ name: [UInt8]?, _ path: VirtualFilePath) -> [[UInt8]] {
        [BERTLV.encode(tag: 0x82, [0x38]), BERTLV.encode(tag: 0x83, bytes(Int(path.identifier)))]
            + (name.map { [BERTLV.encode(tag: 0x84, $0)] } ?? [])
    }

    private static func bytes(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }
}
