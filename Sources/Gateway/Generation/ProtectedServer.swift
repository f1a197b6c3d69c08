// SPDX-License-Identifier: Apache-2.0
// One authorization server's settings with what each request would otherwise compute again.

import ClientAttestation
import HTTPWire
import Octets

/// An AS as the road sees it: settings, and field values that are the same for every request.
final class ProtectedServer: Sendable {
    let settings: ServerSettings
    /// Position in the configuration; selects the worker's upstream pool.
    let index: Int
    /// The public authority (`as.example.com`), for `X-Forwarded-Host` (HTTP-20).
    let authority: [UInt8]

    init(_ settings: ServerSettings, index: Int) {
        self.settings = settings
        self.index = index
        let prefix = Array("https://".utf8)
        authority = Array(settings.origin.dropFirst(prefix.count))
    }

    /// Whether `abca-05` clients fetch nonces at this endpoint (CHAL-01).
    func servesNonce(at endpoint: ProtectedEndpoint) -> Bool {
        settings.policy.servesNonces(at: endpoint)
    }

    /// A fresh challenge or nonce of this AS (CHAL-16).
    func freshChallenge(now: UnixTime) -> [UInt8] {
        settings.policy.challengeKeys.issue(.pop, now: now)
    }
}
