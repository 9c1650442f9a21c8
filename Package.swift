// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// What every target of ours is compiled with: Swift 6 rules, unsafe code
/// marked as such, and no warning let through.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// For the targets inside the shared library: nothing there is concurrent in
/// Swift's sense or uses regular expressions, and a browser that loads it need
/// not load the runtime for them. Each function is in a section of its own, so that the
/// linker leaves out those that nobody calls.
let lean: [SwiftSetting] =
    strict + [
        .unsafeFlags([
            "-Xfrontend", "-disable-implicit-concurrency-module-import",
            "-Xfrontend", "-disable-implicit-string-processing-module-import",
            "-Xfrontend", "-function-sections",
        ])
    ]

/// Relocations are done at loading and read-only from then on. lld, because GNU ld
/// makes no RELRO segment for Swift's sections, and gold is gone from Debian 13.
let hardened: [LinkerSetting] = [
    .unsafeFlags([
        "-use-ld=lld",
        "-Xlinker", "-z", "-Xlinker", "relro",
        "-Xlinker", "-z", "-Xlinker", "now",
    ])
]

/// The library carries the Swift runtime inside it, shows the C_* functions
/// only, and cannot be unloaded under a runtime that is still in use
/// (docs/architecture.md, "The shared library").
let selfContained: [LinkerSetting] = [
    .unsafeFlags([
        "-static-stdlib",
        "-use-ld=lld",
        "-Xlinker", "--version-script=Sources/CPSPKCS11/exports.map",
        "-Xlinker", "-z", "-Xlinker", "nodelete",
        "-Xlinker", "-z", "-Xlinker", "now",
        "-Xlinker", "-Bsymbolic",
        "-Xlinker", "--as-needed",
        "-Xlinker", "--gc-sections",
        // For copies in sandboxes only (docs/clients/sandboxes.md): elsewhere there is no such
        // folder. As DT_RPATH it holds for what libpcsclite loads as well, and comes before
        // LD_LIBRARY_PATH, where a Snap has a libpcsclite of its own.
        "-Xlinker", "--disable-new-dtags",
        "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/cps-pkcs11-libraries",
        // Sources/CPSPKCS11/Boundary/Allocator.swift
        "-Xlinker", "--wrap=malloc",
        "-Xlinker", "--wrap=malloc_usable_size",
        // Sources/CPSPKCS11/Boundary/SwiftRuntime.swift
        "-Xlinker", "--wrap=_ZN5swift7runtime11environment10initializeEPv",
        "-Xlinker", "--wrap=_ZN5swift14threading_impl9once_slowERNS0_6once_tEPFvPvES3_",
    ])
]

/// Set by scripts/fuzz: the fuzzers are built, and the library with a way to give
/// it their cards; not as a library of its own then.
let isForFuzzing = Context.environment["CPS_FUZZING"] != nil

let package = Package(
    name: "cps-pkcs11",
    products: [
        .library(name: "cps-pkcs11", type: .dynamic, targets: ["CPSPKCS11"]),
        .executable(name: "cps", targets: ["cps"]),
        .executable(name: "cps-register", targets: ["cps-register"]),
        .executable(name: "cps-virtual-card", targets: ["cps-virtual-card"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // The outside world's C declarations.
        .systemLibrary(name: "CPKCS11", path: "Include/CPKCS11"),
        .systemLibrary(name: "CSystem", path: "Include/CSystem"),
        .systemLibrary(name: "CPCSC", path: "Include/CPCSC", pkgConfig: "libpcsclite"),
        .systemLibrary(name: "CNettle", path: "Include/CNettle", pkgConfig: "nettle"),
        .systemLibrary(name: "COpenSSL", path: "Include/COpenSSL", pkgConfig: "openssl"),

        // What the library takes from the operating system for everything else.
        .target(name: "HostSystem", swiftSettings: lean),

        // Values and rules: no input or output.
        .target(name: "SmartCardBytes", swiftSettings: lean),
        .target(name: "ISO7816", dependencies: ["SmartCardBytes"], swiftSettings: lean),
        .target(name: "HostCryptography", dependencies: ["CNettle"], swiftSettings: lean),
        .target(
            name: "CPSCard", dependencies: ["ISO7816", "HostCryptography", "SmartCardBytes"],
            swiftSettings: lean),
        .target(
            name: "Cryptoki",
            dependencies: ["CPSCard", "HostCryptography", "SmartCardBytes", "ISO7816", "HostSystem", "CPKCS11"],
            swiftSettings: lean),

        // The cache of card files on disk.
        .target(
            name: "CardCache", dependencies: ["CPSCard", "HostCryptography", "HostSystem", "SmartCardBytes"],
            swiftSettings: lean),

        // What the machine's owner and the user chose.
        .target(name: "Settings", dependencies: ["CPSCard", "CSystem"], swiftSettings: lean),

        // Who of a user's programs is logged in.
        .target(
            name: "LoginRegister", dependencies: ["CPSCard", "HostCryptography", "HostSystem", "SmartCardBytes"],
            swiftSettings: lean),

        // The call trace.
        .target(
            name: "CallTrace", dependencies: ["ISO7816", "SmartCardBytes", "HostSystem", "CSystem"],
            swiftSettings: lean),

        // The edges: readers, and the programs that load the library.
        .target(
            name: "PCSC", dependencies: ["ISO7816", "SmartCardBytes", "HostSystem", "CPCSC", "CSystem"],
            swiftSettings: lean),
        .target(
            name: "CPSPKCS11",
            dependencies: [
                "CallTrace", "CardCache", "Cryptoki", "LoginRegister", "PCSC", "ISO7816", "HostSystem", "Settings",
                "SmartCardBytes", "CPKCS11", "CSystem",
            ],
            // What these two are for, the linker makes only of the library.
            exclude: ["exports.map"]
                + (isForFuzzing ? ["Boundary/Allocator.swift", "Boundary/SwiftRuntime.swift"] : []),
            swiftSettings: lean + (isForFuzzing ? [.define("FUZZING")] : []),
            linkerSettings: isForFuzzing ? [] : selfContained),

        // User-facing text in English and French.
        .target(name: "Messages", swiftSettings: lean),

        // The programs that are set up with the library, and the one that does it.
        .target(name: "ClientPrograms", dependencies: ["HostSystem", "Messages", "CSystem"], swiftSettings: lean),
        .target(
            name: "Registration", dependencies: ["ClientPrograms", "HostSystem", "Messages"], swiftSettings: lean),
        .executableTarget(
            name: "cps-register", dependencies: ["Registration"], swiftSettings: lean,
            linkerSettings: hardened + [.unsafeFlags(["-Xlinker", "--gc-sections"])]),

        // The form of a report on how a card is made; knows nothing of CPS cards.
        .target(name: "CardReport", dependencies: ["SmartCardBytes"], swiftSettings: strict),
        // Looks at a card and makes its report.
        .target(
            name: "CardReporting", dependencies: ["CardReport", "CPSCard", "ISO7816", "SmartCardBytes", "Messages"],
            swiftSettings: strict),

        // Certificates, their chains and CMS signatures, for the command alone.
        .target(
            name: "PKIX", dependencies: ["COpenSSL", "HostCryptography", "HostSystem", "SmartCardBytes"],
            swiftSettings: strict),

        // Explains a call trace in words.
        .target(
            name: "TraceReading", dependencies: ["CallTrace", "ISO7816", "SmartCardBytes", "Messages"],
            swiftSettings: strict),

        // Whose card it is: holder, activities, code tables. Values only.
        .target(name: "CPSData", dependencies: ["SmartCardBytes", "Messages"], swiftSettings: strict),

        // The command for people.
        .executableTarget(
            name: "cps",
            dependencies: [
                "CPSCard", "CPSData", "ClientPrograms", "PCSC", "PKIX", "ISO7816", "HostCryptography", "SmartCardBytes",
                "Messages", "CSystem", "CardReport", "CardReporting", "HostSystem", "LoginRegister", "Settings",
                "TraceReading",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict,
            linkerSettings: hardened),

        // The virtual card.
        .target(
            name: "VirtualCPS",
            dependencies: [
                "CardReport", "ISO7816", "SmartCardBytes", "HostCryptography", "HostSystem", "CNettle", "Messages",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "cps-virtual-card",
            dependencies: [
                "VirtualCPS", "CardReport", "CardReporting", "CPSCard", "ISO7816", "SmartCardBytes", "HostSystem",
                "Messages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Profiles"],
            swiftSettings: strict,
            linkerSettings: hardened),

        // What the tests over virtual cards share.
        .target(
            name: "VirtualCPSTestSupport",
            dependencies: ["VirtualCPS", "ISO7816", "SmartCardBytes", "HostSystem", "HostCryptography", "Messages"],
            path: "Tests/Support", swiftSettings: strict),
        .target(
            name: "OpenSSLTestSupport", dependencies: ["VirtualCPS", "HostCryptography"], path: "Tests/OpenSSLSupport",
            swiftSettings: strict),
        .testTarget(name: "HostSystemTests", dependencies: ["HostSystem"], swiftSettings: strict),
        .testTarget(name: "SmartCardBytesTests", dependencies: ["SmartCardBytes"], swiftSettings: strict),
        .testTarget(name: "ISO7816Tests", dependencies: ["ISO7816", "SmartCardBytes"], swiftSettings: strict),
        .testTarget(
            name: "HostCryptographyTests", dependencies: ["HostCryptography", "SmartCardBytes", "OpenSSLTestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "PKIXTests", dependencies: ["PKIX", "HostCryptography", "SmartCardBytes", "OpenSSLTestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "CallTraceTests", dependencies: ["CallTrace", "SmartCardBytes"], swiftSettings: strict),
        .testTarget(
            name: "TraceReadingTests", dependencies: ["TraceReading", "CallTrace", "ISO7816", "Messages"],
            swiftSettings: strict),
        .testTarget(
            name: "CardCacheTests", dependencies: ["CardCache", "CPSCard", "SmartCardBytes"], swiftSettings: strict),
        .systemLibrary(name: "CProcess", path: "Tests/LoginRegisterTool/CProcess"),
        .executableTarget(
            name: "login-register-tool", dependencies: ["LoginRegister", "CPSCard", "CProcess"],
            path: "Tests/LoginRegisterTool/Tool", swiftSettings: [.swiftLanguageMode(.v6)]),
        .testTarget(
            name: "LoginRegisterTests", dependencies: ["LoginRegister", "CPSCard", "CProcess"], swiftSettings: strict),
        .testTarget(name: "ClientProgramsTests", dependencies: ["ClientPrograms"], swiftSettings: strict),
        .testTarget(
            name: "RegistrationTests", dependencies: ["Registration", "ClientPrograms"], swiftSettings: strict),
        .testTarget(
            name: "CardReportingTests",
            dependencies: [
                "CardReport", "CardReporting", "CPSCard", "VirtualCPS", "VirtualCPSTestSupport", "ISO7816",
                "SmartCardBytes",
            ],
            swiftSettings: strict),
        .testTarget(name: "SettingsTests", dependencies: ["Settings", "CPSCard"], swiftSettings: strict),
        .testTarget(
            name: "CPSCardTests",
            dependencies: [
                "CPSCard", "VirtualCPS", "VirtualCPSTestSupport", "ISO7816", "SmartCardBytes", "HostCryptography",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CryptokiTests",
            dependencies: [
                "Cryptoki", "CPSCard", "LoginRegister", "VirtualCPS", "VirtualCPSTestSupport", "ISO7816",
                "SmartCardBytes", "HostSystem", "HostCryptography", "CPKCS11",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CPSDataTests",
            dependencies: [
                "CPSData", "VirtualCPS", "VirtualCPSTestSupport", "SmartCardBytes", "Messages",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "VirtualCPSTests",
            dependencies: [
                "VirtualCPS", "VirtualCPSTestSupport", "ISO7816", "SmartCardBytes", "HostCryptography",
                "OpenSSLTestSupport",
            ],
            swiftSettings: strict),
    ]
)

if isForFuzzing {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CPSPKCS11", "CallTrace", "CardCache", "Cryptoki", "PCSC", "CPSCard", "CPSData", "HostCryptography",
                "ISO7816", "HostSystem", "SmartCardBytes", "VirtualCPS", "VirtualCPSTestSupport", "CPKCS11",
                "CLibFuzzer",
            ],
            path: "Tests/Fuzzing/Fuzz",
            // Without strict memory safety: hostile pointers are what it is for.
            swiftSettings: [
                .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .unsafeFlags(["-parse-as-library"]),
            ]),
    ]
}
