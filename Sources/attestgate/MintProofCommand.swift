// SPDX-License-Identifier: Apache-2.0
// `attestgate mint pop`: what a client instance says with one request.

import ArgumentParser
import JOSE
import Minting

struct MintProof: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pop",
        abstract: "A proof of possession, signed by a client instance's key.",
        discussion: """
            It is good for one request, within minutes. Where the gateway demands a challenge, \
            fetch one first: POST to the challenge endpoint (abca-06 and later), or OPTIONS with \
            `attestation-nonce-request: true` on the endpoint itself (abca-05).

            Example:
              attestgate mint pop --key instance.jwk --audience https://as.example.com \\
                  --challenge "$challenge"
            """)

    @OptionGroup var options: MintOptions

    @Option(help: ArgumentHelp("The issuer of the authorization server, `aud`.", valueName: "url"))
    var audience: String

    @Option(
        name: [.long, .customLong("nonce")],
        help: ArgumentHelp("The challenge, or in abca-05 the nonce.", valueName: "text"))
    var challenge: String?

    @Option(help: ArgumentHelp("The client_id, `iss`; abca-05 to -07 want it.", valueName: "id"))
    var clientID: String?

    @Option(help: ArgumentHelp("`jti`. (default: a random one)", valueName: "text"))
    var jwtID: String?

    @Option(
        help: ArgumentHelp(
            "Seconds until it expires, where the draft has an expiry.", valueName: "seconds"))
    var lifetime: Int64 = 300

    func validate() throws {
        if options.alg?.algorithm.mac != nil {
            throw ValidationError("An instance proves its own key: a MAC cannot (JOSE-17).")
        }
        if options.profile.namesIssuers, clientID == nil {
            throw ValidationError(
                "In \(options.profile.rawValue) a proof names its client: add --client-id.")
        }
    }

    func run() throws {
        let key = try options.signingKey()
        var parameters = ProofMint.Parameters.forProfile(
            options.profile, clientID: Array((clientID ?? "").utf8), audience: Array(audience.utf8),
            challenge: challenge.map { Array($0.utf8) }, now: options.time, lifetime: lifetime)
        parameters.issuer = clientID.map { Array($0.utf8) }
        if let jwtID {
            parameters.jwtID = Array(jwtID.utf8)
        }
        try MintOptions.print { () throws(MintingError) in
            try ProofMint.token(parameters, key: key)
        }
    }
}
