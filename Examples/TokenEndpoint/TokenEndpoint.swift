// SPDX-License-Identifier: Apache-2.0
// The token endpoint of a server that verifies client attestations itself; the lines between the
// two marks are those of the article VerifyARequest.

// snippet
import ClientAttestation

/// The token endpoint of https://as.example.com.
struct TokenEndpoint {
    let clients: ClientAuthenticator

    init(attesterKeys: [UInt8], clock: @escaping @Sendable () -> Int64) throws {
        let attester = try Attester(
            id: "wallet-provider", issuers: ["https://attester.example.com"], jwks: attesterKeys,
            clients: ["https://client.example.com"])
        clients = try ClientAuthenticator(
            issuer: "https://as.example.com", attesters: [attester], clock: clock)
    }

    func respond(to request: Request) -> Response {
        do {
            let instance = try clients.authenticate(
                attestation: request.fields("OAuth-Client-Attestation"),
                proof: request.fields("OAuth-Client-Attestation-PoP"),
                clientID: request.form["client_id"])
            return issueToken(to: instance)
        } catch {
            print("refused by rule \(error.rule)")
            let answer = clients.answer(to: error, at: .token)
            return Response(status: answer.status, fields: answer.fields, body: answer.body)
        }
    }
}
// end

/// A request as some server library has it.
struct Request {
    var lines: [(name: String, value: String)] = []
    var form: [String: String] = [:]

    /// The values of all fields of a name: two of one name must be seen as two.
    func fields(_ name: String) -> [String] {
        lines.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}

/// An answer of the same.
struct Response {
    var status: Int
    var fields: [String: String]
    var body: String
}

/// Stands for the server's own business. What it issues is bound to the key of the instance.
func issueToken(to instance: AttestedInstance) -> Response {
    let client = String(decoding: instance.clientID, as: UTF8.self)
    let body = #"{"access_token":"for \#(client)","token_type":"Bearer","jkt":"\#(instance.jkt)"}"#
    return Response(status: 200, fields: ["Content-Type": "application/json"], body: body)
}
