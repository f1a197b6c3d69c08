// SPDX-License-Identifier: Apache-2.0
// What one AS says of itself through the gateway (requirements 4.2).

import Octets

/// The `metadata` block.
public struct MetadataSettings: Sendable, Equatable {
    /// What becomes of an `issuer` that is not the configured one (META-02).
    public enum IssuerHandling: String, Sendable, CaseIterable {
        /// Refuse the document.
        case verify
        /// Write the configured one, where that deceives nobody.
        case rewrite
    }

    /// A prefix of internal URLs and what takes its place (META-03).
    public struct Mapping: Sendable, Equatable {
        /// The internal prefix, without a final `/`; ends at `/`, `?`, `#` or the end of a URL.
        public var from: [UInt8]
        /// The public prefix, without a final `/`.
        public var to: [UInt8]

        /// A mapping.
        public init(from: [UInt8], to: [UInt8]) {
            self.from = from
            self.to = to
        }
    }

    /// What becomes of another issuer.
    public var issuer: IssuerHandling
    /// Prefixes that are rewritten; the longest that fits counts.
    public var urls: [Mapping]
    /// Hosts that no published URL may name, in lower case, besides those of this machine.
    public var internalHosts: Set<[UInt8]>
    /// Seconds a document is served before the AS is asked again.
    public var maxAge: Int64
    /// Seconds beyond that it is served while the AS has no good one (META-11).
    public var staleMax: Int64
    /// Whether the ways to prove possession are advertised (META-09).
    public var advertisesProofMethods: Bool
    /// The document of an AS that publishes none; nil: the AS is asked.
    public var document: [UInt8]?

    /// The contract's defaults: verify, no mapping, five minutes, an hour, advertised.
    public init() {
        issuer = .verify
        urls = []
        internalHosts = []
        maxAge = 300
        staleMax = 3600
        advertisesProofMethods = true
        document = nil
    }
}
