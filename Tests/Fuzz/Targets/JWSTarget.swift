// SPDX-License-Identifier: Apache-2.0
// JOSE-01 to JOSE-12, JOSE-21 to JOSE-23: compact tokens, their claims, and no signature of ours.

import Cryptography
import JOSE
import JSON
import Octets

enum JWSTarget {
    /// Public keys whose private halves signed nothing that the fuzzer has seen.
    private static let keys: [JWK] = {
        [
            #"{"kty":"EC","crv":"P-256","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","#
                + #""y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}"#,
            #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        ].compactMap { text in
            (try? JSONDocument.parse(Array(text.utf8))).flatMap { try? JWK($0) }
        }
    }()
    private static let secret = Secret([UInt8](repeating: 7, count: 64))

    static func run(_ input: [UInt8], planted: Bool) throws(BrokenProperty) {
        try hold(keys.count == 2, "the keys of the target are read")
        guard let jws = try? CompactJWS(input) else { return }
        let dots = input.indices.filter { input[$0] == UInt8(ascii: ".") }
        try hold(dots.count == 2 && jws.token == input, "a token has three parts and stays")
        try hold(jws.signingInput == 0..<dots[1], "the signed octets are a prefix of the token")
        try hold(
            Base64URL.encode(jws.signature).elementsEqual(input[(dots[1] + 1)...]),
            "the signature is the third part")
        try check(jws.header)
        try check(JWTClaims(jws.payload))
        try refuse(jws)
        // Members that the seed has, each to be renamed in the decoded part.
        if planted, jws.payload["aud"]?.array != nil, jws.header.keyID != nil,
            lacks(jws.header.object, "typ"), lacks(jws.payload, "iat"), lacks(jws.payload, "jti")
        {
            throw BrokenProperty(description: "the planted crash was found")
        }
    }

    @inline(never)
    private static func lacks(_ object: JSONObject, _ name: String) -> Bool {
        object[name] == nil
    }

    private static func check(_ header: JOSEHeader) throws(BrokenProperty) {
        try hold(!header.algorithm.isEmpty, "alg is there")
        for name in ["crit", "b64", "enc", "zip"] {
            try hold(header.object[name] == nil, "\(name) is refused")
        }
        if let type = header.type {
            try hold(ASCII.lowercased(type) == type, "typ is in lower case")
        }
        if let keyID = header.keyID {
            try hold((1...256).contains(keyID.count), "kid has a length")
        }
        if let algorithm = JWSAlgorithm(name: header.algorithm) {
            try hold(algorithm.name == header.algorithm, "alg is one name")
        }
    }

    private static func check(_ claims: JWTClaims) throws(BrokenProperty) {
        for (name, limit) in [("sub", 2048), ("iss", 2048), ("jti", 256), ("challenge", 1024)] {
            guard let text = try? claims.string(name, maxOctets: limit) else { continue }
            try hold((1...limit).contains(text.count), "\(name) has a length")
            try hold(!text.contains { $0 < 0x20 || $0 == 0x7F }, "\(name) has no controls")
        }
        for name in ["iat", "exp", "nbf"] {
            guard let date = try? claims.numericDate(name) else { continue }
            try hold(date.seconds >= 0, "\(name) is after 1970")
            try hold(date.isLater(than: date.floor) == date.hasFraction, "\(name) is exact")
        }
        guard let audience = try? claims.audience() else { return }
        if case .many(let values) = audience { try hold(!values.isEmpty, "aud is not empty") }
    }

    /// Nothing that was not signed with these keys verifies under them, whatever `alg` says.
    private static func refuse(_ jws: CompactJWS) throws(BrokenProperty) {
        guard let algorithm = JWSAlgorithm(name: jws.header.algorithm) else { return }
        for key in keys {
            let verified: Void? = try? JWSVerification.verify(jws, key: key, algorithm: algorithm)
            try hold(verified == nil, "no signature of ours")
        }
        let verified: Void? = try? JWSVerification.verify(
            jws, secret: secret, algorithm: algorithm)
        try hold(verified == nil, "no MAC of ours")
    }
}
