// SPDX-License-Identifier: Apache-2.0
// An authorization request under the id that the AS knows its client by (CRED-07).

import HTTPWire
import Octets

/// Rewrites `client_id` in a query or form that was read strictly (EP-15); all else stays octet for
/// octet.
enum MappedClientID {
    /// A target in origin form with the `client_id` of its query mapped.
    static func inTarget(_ target: [UInt8], of client: ClientSettings) -> [UInt8] {
        guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else { return target }
        return target[...mark] + inForm(Array(target[(mark + 1)...]), of: client)
    }

    /// A query or form with its `client_id` mapped, if that is the `sub`.
    static func inForm(_ text: [UInt8], of client: ClientSettings) -> [UInt8] {
        let separator = UInt8(ascii: "&")
        let pairs = text.split(separator: separator, omittingEmptySubsequences: false)
        return Array(
            pairs.map { pair -> [UInt8] in
                guard let read = try? Form.parse(Array(pair)).pairs.first,
                    read.name == ParameterName.clientID.octets, read.value == client.clientID
                else { return Array(pair) }
                return Form([Form.Pair(name: read.name, value: client.upstreamID)]).encode()
            }.joined(separator: [separator]))
    }
}
