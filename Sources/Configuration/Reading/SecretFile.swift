// SPDX-License-Identifier: Apache-2.0
// Files that hold one secret value or one private key (CRED-04, CRED-08, EP-08).

import Cryptography
import Gateway
import JOSE
import Minting

/// Secrets written as text.
enum SecretFile {
    /// The file's text without one final line end; `whose` it is, is said in every fault.
    static func read(_ field: Field, whose: String) -> Secret? {
        guard var octets = field.secretFile(atMost: 4096, whose: whose) else { return nil }
        if octets.last == UInt8(ascii: "\n") { octets.removeLast() }
        if octets.last == UInt8(ascii: "\r") { octets.removeLast() }
        let place = "\(field.fileName) (\(quoted(whose)))"
        guard !octets.isEmpty else {
            field.fail("\(place): it is empty; write the secret into it")
            return nil
        }
        guard octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            field.fail(
                "\(place): it holds control characters or several lines; write the secret alone")
            return nil
        }
        return Secret(wiping: &octets)
    }
}

/// Private keys as JWKs.
enum SigningKeyFile {
    /// The key, which signs with `algorithm` or, without one, with its own; `whose` it is, is said
    /// in every fault.
    static func read(_ field: Field, algorithm: JWSAlgorithm?, whose: String) -> SigningKey? {
        guard var octets = field.secretFile(atMost: 16_384, whose: whose) else { return nil }
        defer { _ = Secret(wiping: &octets) }
        let place = "\(field.fileName) (\(quoted(whose)))"
        do throws(MintingError) {
            return try SigningKey(jwk: octets, algorithm: algorithm)
        } catch .otherAlgorithm {
            let usual = (try? SigningKey(jwk: octets))?.algorithm.rawValue
            let remedy = usual.map { "write algorithm: \($0 == "RS256" ? "PS256 or RS256" : $0)" }
            field.fail(
                "\(place): the key does not sign with \(algorithm?.rawValue ?? "this"); "
                    + (remedy ?? "name another key"))
        } catch {
            field.fail("\(place): \(error); write the private key as a JWK")
        }
        return nil
    }
}
