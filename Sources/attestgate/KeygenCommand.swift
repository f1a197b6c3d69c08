// SPDX-License-Identifier: Apache-2.0
// `attestgate keygen`: master keys of the gateway, and signing keys to try it with.

import ArgumentParser
import ClientAttestation
import Cryptography
import EventLoop
import Foundation
import JOSE
import Minting
import Octets

struct Keygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a key.",
        discussion: """
            The key goes to standard output, or with --out to a new file that only you can read. \
            A file that exists is never overwritten.
            """,
        subcommands: [
            MasterCommand.self, ClientCommand.self, AttesterCommand.self, InstanceCommand.self,
        ])

    func run() throws {
        throw ValidationError("Say which key: master, client, attester or instance.")
    }

    struct MasterCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "master",
            abstract: "The gateway's own secret, of challenges, nonces and sealed tokens.",
            discussion: """
                Name the file in the configuration as secrets.master_key_file. To replace a key, \
                make one with the next higher id, move the old file to \
                secrets.previous_master_key_files, and remove it when the longest refresh token \
                has ended. An id is never used for two keys.

                Examples:
                  attestgate keygen master --out master.key
                  attestgate keygen master --id 2 --out master-2.key
                """)

        @Option(help: ArgumentHelp("The key's id, 0 to 255.", valueName: "number"))
        var id: UInt8 = 1

        @OptionGroup var output: KeyOutput

        func run() throws {
            try output.write(MasterKey.generate(id: id).line)
        }
    }

    struct AttesterCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "attester",
            abstract:
                "A client attester's signing key, as a private JWK; for tests and demonstrations.",
            discussion: """
                Attestations are minted with it, see `attestgate mint attestation`. The gateway \
                needs the public half only: --jwks writes it as the set that attesters[].jwks_file \
                names.

                With HS256, HS384 or HS512 it is a secret that the gateway shares: the file is \
                for attesters[].mac.secret_file too, and there is no public half.

                Examples:
                  attestgate keygen attester --out attester.jwk --jwks attester.jwks.json
                  attestgate keygen attester --alg HS256 --out attester.secret
                """)

        @OptionGroup var signing: SigningKeyOptions
        @OptionGroup var output: KeyOutput

        @Option(
            help: ArgumentHelp(
                "Also write the public key, as a JWK set, to a new file.", valueName: "file"))
        var jwks: String?

        func validate() throws {
            if signing.alg.algorithm.mac != nil, jwks != nil {
                throw ValidationError("A shared secret has no public half: leave out --jwks.")
            }
        }

        func run() throws {
            guard signing.alg.algorithm.mac == nil else {
                // As text, so that no octet of it is lost to an editor or a line end.
                return try output.write(Base64URL.encode(Random.bytes(64)))
            }
            let key = try signing.generate(keyID: Base64URL.encode(Random.bytes(9)))
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

    struct InstanceCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "instance",
            abstract: "A client instance's key, as a private JWK; for tests and demonstrations.",
            discussion: """
                An attestation names its public half, and proofs are signed with it, see \
                `attestgate mint`.

                Example:
                  attestgate keygen instance --out instance.jwk
                """)

        @OptionGroup var signing: SigningKeyOptions
        @OptionGroup var output: KeyOutput

        func validate() throws {
            if signing.alg.algorithm.mac != nil {
                throw ValidationError("An instance proves its own key: a MAC cannot (JOSE-17).")
            }
        }

        func run() throws {
            try output.write(signing.generate(keyID: nil).privateJWK)
        }
    }
}

/// `--alg`.
struct SigningKeyOptions: ParsableArguments {
    @Option(help: "The key's algorithm.")
    var alg = AlgorithmArgument(.es256)

    func generate(keyID: [UInt8]?) throws -> SigningKey {
        do throws(MintingError) {
            return try SigningKey.generate(alg.algorithm, keyID: keyID)
        } catch {
            throw fail("\(alg.algorithm.rawValue): \(error)")
        }
    }
}

/// `--out`.
struct KeyOutput: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write to a new file, mode 0600, instead of standard output.", valueName: "file"))
    var out: String?

    /// Writes one line.
    func write(_ line: [UInt8]) throws {
        var text = line
        if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        guard let out else {
            Terminal.print(String(decoding: text.dropLast(), as: UTF8.self))
            return
        }
        try Self.writeNew(out, text, mode: 0o600)
    }

    static func writeNew(_ path: String, _ octets: [UInt8], mode: UInt16) throws {
        do throws(FileError) {
            try Files.writeNew(path, octets, mode: mode)
        } catch {
            throw fail(error.description)
        }
    }
}
