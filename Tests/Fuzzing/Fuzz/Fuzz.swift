// SPDX-License-Identifier: Apache-2.0

import CLibFuzzer
import Foundation
import HostSystem
import VirtualCPSTestSupport

/// The fuzzers, all in one program (libFuzzer drives them; scripts/fuzz runs them):
///
///     fuzz list                        the names of the targets
///     fuzz seeds FOLDER                a folder of inputs for each target, from the virtual cards
///     fuzz TARGET [OPTION|FOLDER...]   runs one, with libFuzzer's options
@main
struct Fuzz {
    /// libFuzzer's callback is a C function, which carries nothing along.
    private static let target = Lock(FuzzTarget.all[0])

    static func main() {
        do {
            try run(CommandLine.arguments)
        } catch {
            FileHandle.standardError.write(Data("fuzz: \(error)\n".utf8))
            exit(2)
        }
    }

    private static func run(_ arguments: [String]) throws {
        switch arguments.dropFirst().first {
        case "list":
            for target in FuzzTarget.all { print(target.name) }
        case "seeds" where arguments.count == 3:
            try writeSeeds(into: URL(fileURLWithPath: arguments[2]))
        case let name?:
            guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
                throw FuzzError.unknownTarget(name)
            }
            self.target.withLock { $0 = target }
            try target.prepare()
            exit(drive([arguments[0]] + arguments.dropFirst(2)))
        case nil:
            throw FuzzError.noTarget
        }
    }

    private static func drive(_ arguments: [String]) -> Int32 {
        let list = UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 1)
        list.initialize(repeating: nil)
        for (index, argument) in arguments.enumerated() { list[index] = strdup(argument) }
        var count = Int32(arguments.count)
        var pointer = list.baseAddress
        return LLVMFuzzerRunDriver(&count, &pointer) { data, size in
            var input = FuzzInput(Array(UnsafeBufferPointer(start: data, count: size)))
            Fuzz.target.withLock { $0 }.run(&input)
            return 0
        }
    }

    private static func writeSeeds(into folder: URL) throws {
        let cards = try CardKind.allCases.map(CardSample.init)
        for target in FuzzTarget.all {
            let place = folder.appendingPathComponent(target.name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for (number, seed) in try cards.flatMap(target.seeds).enumerated() {
                try Data(seed).write(to: place.appendingPathComponent("seed-\(number)"))
            }
        }
    }
}

enum FuzzError: Error {
    case noTarget
    case noCard
    case unknownTarget(String)
}
