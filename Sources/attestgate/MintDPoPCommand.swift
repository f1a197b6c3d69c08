// SPDX-License-Identifier: Apache-2.0
// `attestgate mint dpop`: a DPoP proof, beside a proof of possession or in its place.

import ArgumentParser
import JOSE
import Minting

struct MintDPoP: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dpop",
        abstract: "A DPoP proof, for one request to one URL.",
        discussion: """
            Signed with the instance's key it takes the place of the proof of possession where the \
            client may use dpop_combined (abca-09 and later); beside one, any key will do. It looks \
            the same in every draft; in abca-09 and abca-10 the nonce is the challenge, in abca-11 \
            the DPoP-Nonce of an earlier answer.

            Example:
              attestgate mint dpop --key instance.jwk --htu https://as.example.com/oauth/token \\
                  --nonce "$nonce"
            """)

    @OptionGroup var options: MintOptions

    @Option(help: ArgumentHelp("The method of the request.", valueName: "method"))
    var htm: String = "POST"

    @Option(
        help: ArgumentHelp(
            "The public URL of the request, without query and fragment.", valueName: "url"))
    var htu: String

    @Option(help: ArgumentHelp("The newest nonce, or the challenge.", valueName: "text"))
    var nonce: String?

    @Option(
        name: [.long, .customLong("jti")],
        help: ArgumentHelp("`jti`. (default: a random one)", valueName: "text"))
    var jwtID: String?

    @Option(
        help: ArgumentHelp(
            "The access token that goes with the request; its hash is `ath`.", valueName: "text"))
    var accessToken: String?

    @Option(help: ArgumentHelp("`ath` as it is to stand.", valueName: "text"))
    var ath: String?

    func validate() throws {
        if options.alg?.algorithm.mac != nil {
            throw ValidationError("A DPoP proof brings its public key: a MAC has none (DPOP-05).")
        }
        if accessToken != nil, ath != nil {
            throw ValidationError("Both say what `ath` is: leave out --access-token or --ath.")
        }
    }

    func run() throws {
        let key = try options.signingKey()
        var parameters = DPoPMint.Parameters(
            url: Array(htu.utf8), method: Array(htm.utf8), now: options.time,
            nonce: nonce.map { Array($0.utf8) })
        parameters.accessTokenHash =
            ath.map { Array($0.utf8) } ?? accessToken.map { DPoPMint.tokenHash(Array($0.utf8)) }
        if let jwtID { parameters.jwtID = Array(jwtID.utf8) }
        let proof = parameters
        try MintOptions.print { () throws(MintingError) in
            try DPoPMint.token(proof, key: key)
        }
    }
}
