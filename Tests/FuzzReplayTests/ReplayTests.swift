// SPDX-License-Identifier: Apache-2.0
// Every committed seed, and every input that ever crashed a target, through its target.

import Foundation
import FuzzTargets
import Testing

@Suite("Fuzz corpora")
struct ReplayTests {
    private static let fuzz = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz")

    private static func inputs(_ folder: String, _ target: FuzzTarget) throws -> [(String, [UInt8])]
    {
        let folder = fuzz.appending(path: folder).appending(path: target.rawValue)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return try names.sorted().map { name in
            // Data(contentsOf:) leaks a buffer for an empty file.
            let file = try FileHandle(forReadingFrom: folder.appending(path: name))
            return (name, Array(try file.readToEnd() ?? Data()))
        }
    }

    @Test(
        "JOSE-01 to JOSE-05, JOSE-13, JOSE-18, CHAL-21, HTTP-01, REQ-10: the seeds hold",
        arguments: FuzzTarget.allCases)
    func seeds(target: FuzzTarget) throws {
        let seeds = try Self.inputs("Corpus", target)
        #expect(seeds.count >= 5)
        for (name, input) in seeds {
            do { try target.run(input) } catch { Issue.record("\(target) \(name): \(error)") }
        }
    }

    @Test("inputs that crashed once are answered", arguments: FuzzTarget.allCases)
    func crashes(target: FuzzTarget) throws {
        for (name, input) in try Self.inputs("Crashes", target) {
            do { try target.run(input) } catch { Issue.record("\(target) \(name): \(error)") }
        }
    }

    @Test("a broken property is told: the planted one, in one target")
    func planted() throws {
        #expect(throws: BrokenProperty.self) {
            try FuzzTarget.base64url.run(Array("FUZZ".utf8), planted: true)
        }
        try FuzzTarget.base64url.run(Array("FUZZ".utf8))
    }
}
