// SPDX-License-Identifier: Apache-2.0
// Small tools of these tests: tokens from texts, and the rule that an expression breaks.

import Foundation
import JOSE
import JSON
import Minting
import Octets
import Testing

/// The description of the rule that `body` breaks, nil if it breaks none.
func brokenRule(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as JOSEError {
        return error.rule.description
    } catch {
        return "\(error)"
    }
}

/// A token of these parts as they are, with `signature` of 64 octets unless another is given.
func unsigned(
    header: String, payload: String, signature: [UInt8] = [UInt8](repeating: 1, count: 64)
) -> [UInt8] {
    let parts = [Array(header.utf8), Array(payload.utf8), signature].map(Base64URL.encodeToString)
    return Array(parts.joined(separator: ".").utf8)
}

/// A parsed JSON text.
func json(_ text: String) throws -> JSONValue {
    try JSONDocument.parse(Array(text.utf8))
}

/// A parsed JSON object.
func object(_ text: String) throws -> JSONObject {
    try #require(try json(text).object)
}

/// A file of the shared test data: under ATTESTGATE_TEST_DATA, or beside the package. Nil, said on
/// the output, if it is absent.
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
