// SPDX-License-Identifier: Apache-2.0
// The JSONTestSuite corpus of accepted, refused and implementation-defined texts.

import Foundation
import JSON
import Octets
import Testing

@Suite struct JSONTestSuiteTests {
    /// Texts the corpus wants accepted that JOSE-04 refuses: they repeat a name.
    static let duplicates = [
        "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
    ]
    /// Implementation-defined texts that are accepted: huge numbers stay texts here.
    static func isAcceptedChoice(_ name: String) -> Bool { name.hasPrefix("i_number_") }

    @Test("JOSE-03, JOSE-04: the JSONTestSuite texts get their verdicts")
    func corpus() throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let root =
            ProcessInfo.processInfo.environment["ATTESTGATE_TEST_DATA"].map { URL(filePath: $0) }
            ?? package.deletingLastPathComponent().appending(path: "shared/data")
        let folder = root.appending(path: "json-test-suite/test_parsing")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        if names.isEmpty {
            print("SKIPPED, set ATTESTGATE_TEST_DATA: no shared test data json-test-suite")
            return
        }
        var counts: [Character: Int] = [:]
        for name in names.sorted() where name.hasSuffix(".json") {
            // Data(contentsOf:) leaks a buffer for the corpus's empty file.
            let file = try FileHandle(forReadingFrom: folder.appending(path: name))
            let text = Array(try file.readToEnd() ?? Data())
            let isAccepted = (try? JSONDocument.parse(text)) != nil
            let expected =
                switch name.first {
                case "y": !Self.duplicates.contains(name)
                case "i": Self.isAcceptedChoice(name)
                default: false
                }
            #expect(isAccepted == expected, "\(name)")
            if let kind = name.first { counts[kind, default: 0] += 1 }
        }
        // Every text of the corpus was judged, and every exception is one of them.
        #expect(counts == ["y": 95, "n": 188, "i": 35])
        #expect(Set(Self.duplicates).isSubset(of: names))
        print(
            "JSONTestSuite: \(counts.values.reduce(0, +)) texts; other verdict than published: "
                + Self.duplicates.map { "\($0) (JOSE-04)" }.joined(separator: ", "))
    }
}
