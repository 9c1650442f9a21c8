// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The openssl command, which makes keys and certificates for tests and is
/// their second opinion.
public enum OpenSSL {
    /// The openssl command ended with an error.
    public struct Failure: Error {
        /// The arguments that it was run with.
        public let message: String
    }

    /// Runs openssl in an empty directory of its own.
    /// - Parameter files: what the directory holds at the beginning, by name.
    /// - Returns: what it prints.
    public static func run(_ arguments: [String], files: [String: [UInt8]] = [:]) throws -> [UInt8] {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("openssl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, content) in files { try Data(content).write(to: directory.appendingPathComponent(name)) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = directory
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(message: "openssl \(arguments.joined(separator: " "))")
        }
        return [UInt8](printed)
    }

    /// A new RSA key as PEM (PKCS #8), of the length in bits.
    public static func newKey(bitCount: Int) throws -> String {
        String(
            decoding: try run(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bitCount)"]),
            as: UTF8.self)
    }
}
