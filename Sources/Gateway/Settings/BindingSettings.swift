// SPDX-License-Identifier: Apache-2.0
// The `bind` block: how the artifacts of attested clients are bound to their keys.

public import Octets

/// What is sealed at one AS, and what is taken though it is not (BIND-04, -05, -08, -09).
public struct BindingSettings: Sendable {
    /// What becomes of a refresh token that the AS gave out before the gateway sealed any.
    public enum LegacyRefresh: Sendable, Equatable {
        /// It is refused; its client authorizes anew.
        case reject
        /// BIND-04: until that moment whoever is an instance of the right client may bring it, and
        /// gets a sealed one back. Nobody remembers who was first.
        case adoptUnrecorded(until: UnixTime)
    }

    /// BIND-04.
    public var legacyRefresh = LegacyRefresh.reject
    /// BIND-05: whether a sealed value needs the attester under which it was sealed.
    public var sameAttester = false
    /// BIND-08.
    public var sealsDeviceCodes = true
    /// BIND-09.
    public var sealsAuthenticationRequests = true

    /// Everything sealed, nothing else taken, any attester.
    public init() {}
}
