// SPDX-License-Identifier: Apache-2.0
// The demo's prose: who is who before the steps, and what to try by hand after them.

import DemoServer
import EventLoop
import Foundation

extension DemoStage {
    /// Says who plays, before the first step.
    func introduce(gateway: SocketAddress, server: SocketAddress) {
        say(
            """
            OAuth 2.0 Attestation-Based Client Authentication, played on loopback with keys made just now.

               the attester   https://attester.example.com, the backend of the clients' makers. It signs
                              attestations: "this installation, with this key, is that client"
               the clients    https://client.example.com follows draft -11 and
                              https://early.example.com still draft -05. With every request goes a
                              proof, signed by the installation's key
               the gateway    \(gateway) stands for https://as.example.com (TLS is left out here)
               the AS         \(server) speaks plain OAuth and knows nothing of attestation

            A refusal is shown with the rule that was broken: the gateway logs it and tells no client.

            """)
    }

    /// Prints curl lines for a gateway that goes on serving.
    func invite(gateway: SocketAddress, server: SocketAddress, challenge: [UInt8]) throws {
        let tokens = try workshop.cast.tokens(challenge: challenge)
        let binary = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL.path
        say(
            """

            Gateway and AS keep running; Ctrl-C ends both. Try it in another terminal:

            # A challenge, and a nonce the way of draft -05
            curl -si -X POST -H 'Host: as.example.com' http://\(gateway)/attestgate/challenge
            curl -si -X OPTIONS -H 'Host: as.example.com' -H 'attestation-nonce-request: true' \
            http://\(gateway)/token

            # A token. Both headers were made just now: good once, for five minutes
            curl -si -H 'Host: as.example.com' -d grant_type=client_credentials \\
              -H 'OAuth-Client-Attestation: \(text(tokens.attestation))' \\
              -H 'OAuth-Client-Attestation-PoP: \(text(tokens.proof))' \\
              http://\(gateway)/token

            # The next tokens, made by hand with the demo's keys
            cd \(workshop.directory)
            challenge=$(curl -s -X POST -H 'Host: as.example.com' \
            http://\(gateway)/attestgate/challenge | cut -d'"' -f4)
            attestation=$(\(binary) mint attestation --key attester.jwk \\
              --instance instance.jwk --client-id https://client.example.com)
            proof=$(\(binary) mint pop --key instance.jwk \\
              --audience https://as.example.com --challenge "$challenge")
            curl -si -H 'Host: as.example.com' -d grant_type=client_credentials \\
              -H "OAuth-Client-Attestation: $attestation" \\
              -H "OAuth-Client-Attestation-PoP: $proof" http://\(gateway)/token

            # Combined mode: a DPoP proof with the same key in place of the proof of possession
            nonce=$(curl -si -X POST -H 'Host: as.example.com' \
            http://\(gateway)/attestgate/challenge | tr -d '\\r' | sed -n 's/^DPoP-Nonce: //p')
            dpop=$(\(binary) mint dpop --key instance.jwk \\
              --htu https://as.example.com/token --nonce "$nonce")
            curl -si -H 'Host: as.example.com' -d grant_type=client_credentials \\
              -H "OAuth-Client-Attestation: $attestation" -H "DPoP: $dpop" \\
              http://\(gateway)/token

            # Why is this one refused? Told by the gateway's own rules
            curl -sv -H 'Host: as.example.com' -d grant_type=client_credentials \\
              -H "OAuth-Client-Attestation: $attestation" \\
              -H "OAuth-Client-Attestation-PoP: $attestation" http://\(gateway)/token 2>&1 |
              \(binary) explain --config attestgate.yaml

            # What the gateway keeps out: a bare client_id. The AS by itself takes it
            curl -si -H 'Host: as.example.com' \\
              -d 'grant_type=client_credentials&client_id=https://client.example.com' \
            http://\(gateway)/token
            curl -si \\
              -d 'grant_type=client_credentials&client_id=https://client.example.com' \
            http://\(server)/token

            The gateway's log, as it comes:
            """)
    }

    private func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }
}
