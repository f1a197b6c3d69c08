// SPDX-License-Identifier: Apache-2.0
// Why a key cannot be used or a token cannot be signed.

import JOSE
import JSON

/// A failure to make a key or a token.
public enum MintingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is no JSON, or no acceptable JSON.
    case malformed(JSONError)
    /// The public part of the key is not acceptable.
    case unacceptableKey(JOSEError)
    /// There is no private part `d`, or it does not belong to the public part.
    case noPrivateKey
    /// The algorithm is not built.
    case unsupportedAlgorithm
    /// The key is of another family, or names another algorithm.
    case otherAlgorithm
    /// OpenSSL refused.
    case library

    /// The failure, without any key material.
    public var description: String {
        switch self {
        case .malformed(let error): "not JSON: \(error)"
        case .unacceptableKey(let error): "not an acceptable key: \(error)"
        case .noPrivateKey: "no private key that belongs to the public one"
        case .unsupportedAlgorithm: "the algorithm is not supported"
        case .otherAlgorithm: "the key is not for this algorithm"
        case .library: "OpenSSL failed"
        }
    }
}
