// SPDX-License-Identifier: Apache-2.0
// `attestgate mint attestation`: what an attester says of a client instance.

import ArgumentParser
import Cryptography
import JOSE
import JSON
import Minting
import Octets

struct MintAttestation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attestation",
        abstract: "A client attestation, signed by an attester's key.",
        discussion: """
            It says: whoever holds the instance's key is the software of this client. It can be \
            used until it expires, each time with a fresh proof, see `attestgate mint pop`.

            With --alg HS256, HS384 or HS512 the file of --key is the secret that attester and \
            gateway share, attesters[].mac.secret_file, and --key-id its name there.

            Example:
              attestgate mint attestation --key attester.jwk --instance instance.jwk \\
                  --client-id https://client.example.com
            """)

    @OptionGroup var options: MintOptions

    @Option(help: ArgumentHelp("The client_id, `sub`.", valueName: "id"))
    var clientID: String

    @Option(
        help: ArgumentHelp(
            "The instance's JWK, public or private; its public half is named.", valueName: "file"))
    var instance: String

    @Option(help: ArgumentHelp("The attester, `iss`; abca-05 to -07 want one.", valueName: "url"))
    var issuer: String?

    @Option(help: ArgumentHelp("Seconds until it expires.", valueName: "seconds"))
    var lifetime: Int64 = 3600

    @Option(help: ArgumentHelp("The key's id, `kid`. (default: that of the JWK)", valueName: "id"))
    var keyID: String?

    @Option(help: ArgumentHelp("`typ`.", valueName: "type"))
    var type: String = "oauth-client-attestation+jwt"

    func validate() throws {
        if options.alg?.algorithm.mac != nil, keyID == nil {
            throw ValidationError("A secret has a name, attesters[].mac.key_id: add --key-id.")
        }
        if options.profile.namesIssuers, issuer == nil {
            throw ValidationError(
                "In \(options.profile.rawValue) an attestation names its attester: add --issuer.")
        }
    }

    func run() throws {
        var parameters = AttestationMint.Parameters.forProfile(
            options.profile, subject: Array(clientID.utf8), issuer: Array((issuer ?? "").utf8),
            instanceKey: try instanceKey(), now: options.time, lifetime: lifetime)
        parameters.issuer = issuer.map { Array($0.utf8) }
        parameters.keyID = keyID.map { Array($0.utf8) }
        parameters.type = Array(type.utf8)
        let sign = try signer()
        try MintOptions.print { () throws(MintingError) in try sign(parameters) }
    }

    /// Signs with the key, or under the secret, of `--key`.
    private func signer() throws
        -> (AttestationMint.Parameters) throws(MintingError) -> [UInt8]
    {
        if let algorithm = options.alg?.algorithm, algorithm.mac != nil {
            var octets = try MintOptions.read(options.key)
            if octets.last == UInt8(ascii: "\n") { octets.removeLast() }
            let secret = Secret(wiping: &octets)
            return { (parameters) throws(MintingError) in
                try AttestationMint.token(parameters, secret: secret, algorithm: algorithm)
            }
        }
        let key = try options.signingKey()
        return { (parameters) throws(MintingError) in
            try AttestationMint.token(parameters, key: key)
        }
    }

    /// The public half, whichever half the file holds.
    private func instanceKey() throws -> [UInt8] {
        let octets = try MintOptions.read(instance)
        if let key = try? SigningKey(jwk: octets) {
            return key.publicJWK
        }
        do throws(JOSEError) {
            _ = try JWK(try Self.parse(octets))
            return octets
        } catch {
            throw fail("\(instance): no JWK (\(error)); `attestgate keygen instance` makes one")
        }
    }

    private static func parse(_ octets: [UInt8]) throws(JOSEError) -> JSONValue {
        do throws(JSONError) {
            return try JSONDocument.parse(octets)
        } catch {
            throw JOSEError(.jose(3), "not JSON")
        }
    }
}
