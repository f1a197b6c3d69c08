// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Every target: Swift 6 mode, strict memory safety, warnings as errors. Modules free of `unsafe`
/// are those listed in Tests/ArchitectureTests; the compiler marks every use everywhere.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Modules whose `async` functions stay on the loop of their caller.
let onLoop: [SwiftSetting] = strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

let package = Package(
    name: "attestgate",
    products: [
        .executable(name: "attestgate", targets: ["attestgate"]),
        .library(name: "ClientAttestation", targets: ["ClientAttestation"]),
    ],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibevent"),
        .systemLibrary(name: "COpenSSL"),

        .target(name: "Octets", swiftSettings: strict),
        .target(name: "JSON", dependencies: ["Octets"], swiftSettings: strict),
        .target(name: "Cryptography", dependencies: ["Octets", "COpenSSL"], swiftSettings: strict),
        .target(
            name: "JOSE", dependencies: ["JSON", "Cryptography", "Octets"], swiftSettings: strict),
        .target(
            name: "ClientAttestation", dependencies: ["JOSE", "JSON", "Cryptography", "Octets"],
            swiftSettings: strict),
        .target(
            name: "Minting", dependencies: ["JOSE", "JSON", "Cryptography", "Octets"],
            swiftSettings: strict),
        .target(name: "HTTPWire", dependencies: ["Octets"], swiftSettings: strict),
        .target(
            name: "EventLoop", dependencies: ["Cryptography", "Octets", "CLibevent", "COpenSSL"],
            swiftSettings: onLoop),
        .target(
            name: "Gateway",
            dependencies: [
                "EventLoop", "HTTPWire", "ClientAttestation", "Minting", "JOSE", "JSON",
                "Cryptography", "Octets",
            ],
            swiftSettings: onLoop),
        .target(
            name: "Configuration",
            dependencies: [
                "Gateway", "EventLoop", "ClientAttestation", "Minting", "JOSE", "Cryptography",
                "HTTPWire", "Octets",
                "Yams",
            ],
            swiftSettings: strict),
        .target(
            name: "Explain",
            dependencies: ["Gateway", "ClientAttestation", "HTTPWire", "JOSE", "JSON", "Octets"],
            swiftSettings: strict),
        .target(
            name: "DemoServer",
            dependencies: ["EventLoop", "HTTPWire", "Minting", "JSON", "Cryptography", "Octets"],
            swiftSettings: onLoop),
        .executableTarget(
            name: "attestgate",
            dependencies: [
                "Configuration", "Gateway", "EventLoop", "Minting", "DemoServer", "Explain", "JOSE",
                "JSON", "Cryptography", "Octets",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: onLoop),

        // The documentation's example, built and run by the tests.
        .target(
            name: "TokenEndpoint", dependencies: ["ClientAttestation"],
            path: "Examples/TokenEndpoint", swiftSettings: strict),

        .testTarget(name: "OctetsTests", dependencies: ["Octets"], swiftSettings: strict),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "Octets"], swiftSettings: strict),
        .testTarget(
            name: "CryptographyTests", dependencies: ["Cryptography", "Octets"],
            swiftSettings: strict),
        .testTarget(
            name: "JOSETests", dependencies: ["JOSE", "JSON", "Cryptography", "Minting", "Octets"],
            swiftSettings: strict),
        .testTarget(
            name: "ClientAttestationTests",
            dependencies: [
                "ClientAttestation", "JOSE", "JSON", "Cryptography", "Minting", "Octets",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HTTPWireTests", dependencies: ["HTTPWire", "Octets"], swiftSettings: strict),
        .testTarget(
            name: "EventLoopTests", dependencies: ["EventLoop", "Cryptography", "Octets"],
            swiftSettings: onLoop),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "Configuration", "EventLoop", "HTTPWire", "ClientAttestation", "Minting",
                "JOSE", "JSON", "Cryptography", "Octets",
            ],
            swiftSettings: onLoop),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: [
                "Configuration", "Gateway", "ClientAttestation", "Minting", "JOSE", "JSON",
                "Cryptography", "EventLoop", "HTTPWire", "Octets",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ExplainTests",
            dependencies: [
                "Explain", "Configuration", "Gateway", "ClientAttestation", "Minting", "HTTPWire",
                "JOSE", "JSON", "Cryptography", "EventLoop", "Octets",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DemoServerTests",
            dependencies: ["DemoServer", "EventLoop", "HTTPWire", "Cryptography", "Octets"],
            swiftSettings: onLoop),
        .testTarget(
            name: "ExampleTests",
            dependencies: ["TokenEndpoint", "ClientAttestation", "Minting", "Octets"],
            swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),

        // What the fuzzers run (Tests/Fuzz/run); its corpora are replayed by the ordinary tests.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "ClientAttestation", "HTTPWire", "JOSE", "JSON", "Cryptography", "Octets",
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: strict),
        .testTarget(
            name: "FuzzReplayTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
    ]
)
