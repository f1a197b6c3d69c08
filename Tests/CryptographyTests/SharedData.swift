// SPDX-License-Identifier: Apache-2.0
// Finds the published test vectors that lie beside the repository, not in it.

import Foundation

/// A file of the shared test data: under ATTESTGATE_TEST_DATA, or under ../shared/data from the
/// package. Nil, said on the output, if it is absent.
func sharedData(_ path: String) -> [UInt8]? {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let root =
        ProcessInfo.processInfo.environment["ATTESTGATE_TEST_DATA"].map { URL(filePath: $0) }
        ?? package.deletingLastPathComponent().appending(path: "shared/data")
    guard let data = try? Data(contentsOf: root.appending(path: path)) else {
        print("SKIPPED, set ATTESTGATE_TEST_DATA: no shared test data \(path)")
        return nil
    }
    return Array(data)
}
