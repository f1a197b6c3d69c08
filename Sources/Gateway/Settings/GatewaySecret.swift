// SPDX-License-Identifier: Apache-2.0
// A field by which the AS, or what stands before it, knows the gateway (EP-08).

import Cryptography
import HTTPWire

/// `forward.gateway_secret`: a field with a shared secret on every request to the AS. It says that
/// a request came through the gateway, not that anybody was verified.
public struct GatewaySecret: Sendable {
    /// The field's name.
    public let name: FieldName
    /// Its value, visible ASCII.
    public let value: Secret
    /// The name as back ends may fold it (FWD-01, FWD-02).
    let normalised: NormalisedName

    /// A field that no client's request brings to the AS and no answer brings back.
    public init(name: FieldName, value: Secret) {
        self.name = name
        self.value = value
        normalised = NormalisedName(name)
    }
}
