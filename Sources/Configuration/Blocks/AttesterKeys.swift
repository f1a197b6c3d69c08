// SPDX-License-Identifier: Apache-2.0
// What an attester's signatures are verified with: `jwks_file` or `mac`, and `algorithms`.

import ClientAttestation
import Cryptography
import JOSE

/// Reads the one key source of an attester and its algorithms.
enum AttesterKeys {
    /// Both, or nil after the fault was reported.
    static func read(_ block: Block) -> (source: KeySource, algorithms: [JWSAlgorithm])? {
        if let field = block["mac"] {
            for other in ["jwks_file", "jku", "self_attested"] {
                block[other]?.fail("counts for public keys; keep it or mac, not both (KEY-18)")
            }
            let algorithms = block["algorithms"].map { $0.algorithms(.macs) } ?? [.hs256]
            guard let shared = secret(field), let algorithms else { return nil }
            return (.sharedSecret(shared), algorithms)
        }
        let algorithms = block["algorithms"].map { $0.algorithms(.signatures) } ?? [.es256]
        guard let keys = keys(block), let algorithms else { return nil }
        let source = KeySource.publicKeys(keys)
        requireKeys(for: algorithms, source, block)
        return (source, algorithms)
    }

    private static func keys(_ block: Block) -> JWKSet? {
        guard !block.mentions("jwks_url"), !block.mentions("x5c_anchors_file") else { return nil }
        let remedy = "name a file with the attester's public keys as a JWK set"
        guard let field = block.require("jwks_file", remedy) else { return nil }
        guard let octets = field.file(atMost: 1 << 20) else { return nil }
        do throws(JOSEError) {
            let keys = try JWKSet(parsing: octets)
            for key in keys.unusable {
                field.warn(
                    "keys[\(key.index)] verifies nothing here (\(key.reason)); it is ignored")
            }
            guard !keys.keys.isEmpty else {
                field.fail("the set holds no key; add the attester's public keys")
                return nil
            }
            return keys
        } catch {
            field.fail("no usable JWK set: \(error)")
            return nil
        }
    }

    /// ATT-02, CFG-09: an algorithm without a key would be promised and never be accepted.
    private static func requireKeys(
        for algorithms: [JWSAlgorithm], _ source: KeySource, _ block: Block
    ) {
        let without = algorithms.filter { !source.canVerify($0) }
        guard let field = block["algorithms"] ?? block["jwks_file"], !without.isEmpty
        else { return }
        let names = Field.alternatives(without.map(\.rawValue))
        guard without.count == algorithms.count else {
            field.warn("no key of the set verifies \(names), so it is not advertised (CFG-09)")
            return
        }
        let verified = JWSAlgorithm.signatures.filter(source.canVerify).map(\.rawValue)
        field.fail(
            "no key of the set verifies \(names); its keys verify "
                + "\(Field.alternatives(verified)), name what the attester signs with in "
                + "algorithms (ATT-02)")
    }

    /// KEY-18. The value is the file without one final line end.
    private static func secret(_ field: Field) -> SharedSecret? {
        guard let block = field.block(.mac) else { return nil }
        let keyID = block.require("key_id", "write the `kid` of the attester's messages (KEY-18)")
        let name = keyID?.octets()
        if let keyID, let name, name.count > 256 {
            keyID.fail("is longer than 256 octets (KEY-04)")
            return nil
        }
        let file = block.require("secret_file", "name the file that holds the secret (KEY-18)")
        guard let file, var octets = file.secretFile(atMost: 4096) else { return nil }
        if octets.last == UInt8(ascii: "\n") { octets.removeLast() }
        if octets.last == UInt8(ascii: "\r") { octets.removeLast() }
        guard let name else { return nil }
        field.warn(
            "whoever can read this secret, here or at the attester, can attest any instance; "
                + "public keys (jwks_file) have no such secret (KEY-18)")
        return SharedSecret(keyID: name, secret: Secret(wiping: &octets))
    }
}
