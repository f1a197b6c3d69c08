// SPDX-License-Identifier: Apache-2.0
// `attestgate mint`: what all test tokens have in common; each kind has a file of its own.

import ArgumentParser
import EventLoop
import Minting
import Octets

struct Mint: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a test token from a private JWK.",
        discussion: """
            The token alone goes to standard output, so that it can stand in a command line:

              attestation=$(attestgate mint attestation --key attester.jwk \\
                  --instance instance.jwk --client-id https://client.example.com)
              proof=$(attestgate mint pop --key instance.jwk \\
                  --audience https://as.example.com --challenge "$challenge")
              curl https://as.example.com/oauth/token -d grant_type=client_credentials \\
                  -H "OAuth-Client-Attestation: $attestation" \\
                  -H "OAuth-Client-Attestation-PoP: $proof"

            `attestgate keygen` makes the keys.
            """,
        subcommands: [MintAttestation.self, MintProof.self, MintDPoP.self])

    func run() throws {
        throw ValidationError("Say which token: attestation, pop or dpop.")
    }
}

/// The options every token has.
struct MintOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The private JWK that signs.", valueName: "file"))
    var key: String

    @Option(help: "The draft whose shape the token has.")
    var profile: MintingProfile = .abca11

    @Option(
        help: ArgumentHelp("When it is made, in Unix seconds. (default: now)", valueName: "seconds")
    )
    var issuedAt: Int64?

    @Option(
        help: ArgumentHelp(
            "The algorithm to sign with, one of the key's family. (default: the key's)",
            valueName: "alg"))
    var alg: AlgorithmArgument?

    /// `--issued-at`, or now.
    var time: UnixTime {
        UnixTime(issuedAt ?? WallClock.now().seconds)
    }

    /// The key of `--key`.
    func signingKey() throws -> SigningKey {
        let octets = try Self.read(key)
        do throws(MintingError) {
            return try SigningKey(jwk: octets, algorithm: alg?.algorithm)
        } catch {
            throw fail("\(key): \(error); `attestgate keygen` makes a private JWK")
        }
    }

    /// The contents of a key file.
    static func read(_ path: String) throws -> [UInt8] {
        do throws(FileError) {
            return try Files.read(path, atMost: 1 << 16)
        } catch {
            throw fail(error.description)
        }
    }

    /// Prints the token that `make` gives.
    static func print(_ make: () throws(MintingError) -> [UInt8]) throws {
        do throws(MintingError) {
            Terminal.print(String(decoding: try make(), as: UTF8.self))
        } catch {
            throw fail(error.description)
        }
    }
}

extension MintingProfile: ExpressibleByArgument {}
