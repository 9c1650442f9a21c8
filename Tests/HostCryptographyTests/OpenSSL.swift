import Foundation
import HostCryptography

/// The openssl command, which makes the keys of these tests and is their
/// second opinion.
enum OpenSSL {
    struct Failure: Error { let message: String }

    /// Runs openssl in an empty directory of its own.
    /// - Parameter files: what the directory holds at the beginning, by name.
    /// - Returns: what it prints.
    static func run(_ arguments: [String], files: [String: [UInt8]] = [:]) throws -> [UInt8] {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("host-cryptography-\(UUID().uuidString)")
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

    static func newKey(bitCount: Int) throws -> String {
        String(decoding: try run(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bitCount)"]), as: UTF8.self)
    }
}

/// A key made once for all tests that need one of its size.
struct TestKey: Sendable {
    let pem: String
    let privateKey: RSAPrivateKey
    var publicKey: RSAPublicKey { privateKey.publicKey }

    init(bitCount: Int) throws {
        pem = try OpenSSL.newKey(bitCount: bitCount)
        privateKey = try RSAPrivateKey(pem: pem)
    }

    private static let made2048 = Result { try TestKey(bitCount: 2048) }
    private static let made1025 = Result { try TestKey(bitCount: 1025) }
    private static let made1031 = Result { try TestKey(bitCount: 1031) }

    /// As on the cards.
    static var bits2048: TestKey { get throws { try made2048.get() } }
    /// PSS blocks one byte shorter than the modulus.
    static var bits1025: TestKey { get throws { try made1025.get() } }
    /// A modulus whose first byte is not full.
    static var bits1031: TestKey { get throws { try made1031.get() } }
}
