// SPDX-License-Identifier: Apache-2.0
// The structure that the design promises, held against the sources.

import Testing

/// Which module may import which; the standard library's own modules are free.
private let arrows: [String: Set<String>] = [
    "Octets": [],
    "JSON": ["Octets"],
    "Cryptography": ["Octets", "COpenSSL"],
    "JOSE": ["JSON", "Cryptography", "Octets"],
    "ClientAttestation": ["JOSE", "JSON", "Cryptography", "Octets"],
    "Minting": ["JOSE", "JSON", "Cryptography", "Octets"],
    "HTTPWire": ["Octets"],
    "EventLoop": ["Cryptography", "Octets", "CLibevent", "COpenSSL"],
    "Gateway": [
        "EventLoop", "HTTPWire", "ClientAttestation", "Minting", "JOSE", "JSON", "Cryptography",
        "Octets",
    ],
    "Configuration": [
        "Gateway", "EventLoop", "ClientAttestation", "Minting", "JOSE", "Cryptography", "HTTPWire",
        "Octets", "Yams",
        "Foundation",
    ],
    "Explain": ["Gateway", "ClientAttestation", "HTTPWire", "JOSE", "JSON", "Octets"],
    "DemoServer": ["EventLoop", "HTTPWire", "Minting", "JSON", "Cryptography", "Octets"],
    "attestgate": [
        "Configuration", "Gateway", "EventLoop", "Minting", "DemoServer", "Explain",
        "ClientAttestation", "HTTPWire", "JOSE", "JSON", "Cryptography", "Octets", "ArgumentParser",
        "Foundation",
    ],
]
private let free: Set<String> = ["Synchronization", "Dispatch", "Glibc", "Swift"]

/// Modules that wrap C; all others have not one `unsafe`.
private let wrappers: Set<String> = ["Cryptography", "EventLoop"]

@Suite("The sources keep to the architecture")
struct ImportArrowTests {
    @Test("every import follows an arrow of the architecture")
    func importsFollowArrows() throws {
        for file in try SourceTree.files() {
            let allowed = try #require(arrows[file.module], "\(file.module) is not in the plan")
            for module in file.imports where !free.contains(module) {
                #expect(allowed.contains(module), "\(file.name) imports \(module)")
            }
        }
    }

    @Test("unsafe code lives only in the modules that wrap C")
    func unsafeStaysInWrappers() throws {
        let words = ["unsafe", "UnsafePointer", "UnsafeMutable", "UnsafeRaw", "UnsafeBuffer"]
        for file in try SourceTree.files() where !wrappers.contains(file.module) {
            for line in file.code {
                #expect(!words.contains { line.contains($0) }, "\(file.name): \(line)")
            }
        }
    }

    @Test("nothing that input can reach traps on purpose")
    func noDeliberateTraps() throws {
        for file in try SourceTree.files() where !wrappers.contains(file.module) {
            for line in file.code {
                let traps =
                    line.contains("try!") || line.contains("fatalError(")
                    || line.contains(" as! ")
                #expect(!traps, "\(file.name): \(line)")
            }
        }
    }

    @Test("drafts are named in one file of the kernel; rules read flags")
    func draftsNamedOnce() throws {
        for file in try SourceTree.files()
        where file.module == "ClientAttestation" && !file.name.hasSuffix("Profile/Profiles.swift") {
            for line in file.code {
                let names = ["abca0", "abca1", "abca-0", "abca-1"].contains { line.contains($0) }
                #expect(!names, "\(file.name): \(line)")
            }
        }
    }

    @Test("no file grows beyond what one reads in a sitting")
    func filesStaySmall() throws {
        for file in try SourceTree.files() {
            #expect(file.lines.count <= 400, "\(file.name): \(file.lines.count) lines")
        }
    }

    @Test("evhttp is neither included nor linked")
    func noEvhttp() throws {
        for file in try SourceTree.files() {
            for line in file.code { #expect(!line.contains("evhttp"), "\(file.name): \(line)") }
        }
    }
}
