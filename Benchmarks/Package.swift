// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// The benchmark of the security kernel: a program of its own, so that the product has none of it.
import PackageDescription

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "attestgate", path: "..")],
    targets: [
        .target(name: "Bare", path: "Bare", linkerSettings: [.linkedLibrary("crypto")]),
        .executableTarget(
            name: "kernel",
            dependencies: ["Bare", .product(name: "ClientAttestation", package: "attestgate")],
            path: "Kernel",
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ]),
    ]
)
