// SPDX-License-Identifier: Apache-2.0
// `attestgate keygen client`: the gateway's key for clients of `private_key_jwt`.

import ArgumentParser
import Foundation
import JOSE
import Minting
import Octets

extension Keygen {
    struct ClientCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "client",
            abstract: "The key by which an AS knows an attested client: private_key_jwt.",
            discussion: """
                Name the file in the configuration as clients[].upstream.key_file, or as \
                forward.assertion_key_file, and give the AS the public half, which --jwks writes \
                as a JWK set. Its kid is the key's thumbprint. One key is for one AS.

                Examples:
                  attestgate keygen client --out wallet.jwk --jwks wallet.jwks.json
                  attestgate keygen client --alg PS256 --out wallet.jwk --jwks wallet.jwks.json
                """)

        @OptionGroup var signing: SigningKeyOptions
        @OptionGroup var output: KeyOutput

        @Option(
            help: ArgumentHelp(
                "Also write the public key, as a JWK set, to a new file.", valueName: "file"))
        var jwks: String?

        func validate() throws {
            if signing.alg.algorithm.mac != nil {
                throw ValidationError("private_key_jwt needs a key pair: a MAC has none.")
            }
        }

        func run() throws {
            let key = try signing.generate(keyID: nil).namedByThumbprint()
            // Both files or none: half a pair is of no use, and neither is ever overwritten.
            if let jwks, FileManager.default.fileExists(atPath: jwks) {
                throw fail("\(jwks): it exists already; name a new file, or remove it first")
            }
            try output.write(key.privateJWK)
            if let jwks {
                try KeyOutput.writeNew(jwks, key.publicJWKSet + [UInt8(ascii: "\n")], mode: 0o644)
            }
        }
    }
}
