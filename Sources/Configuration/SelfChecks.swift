// SPDX-License-Identifier: Apache-2.0
// The self-checks that look at several keys at once (requirements section 8), one function a rule.

import ClientAttestation
import Gateway
import HTTPWire

/// CFG rules over all authorization servers; single values are checked where they are read.
enum SelfChecks {
    static func run(_ servers: [ServerDraft]) {
        requireDistinctIssuers(servers)
        requireDistinctAuthorities(servers)
        requireDistinctAudiences(servers)
        CredentialChecks.run(servers)
        for server in servers {
            requireReconciledClients(server)
            requireSingleUse(server)
            PathChecks.run(server)
            DPoPChecks.run(server)
            CodeBindingChecks.run(server)
            warnOfStartFence(server)
            requirePolledRequests(server)
        }
    }

    /// CFG-01. Two entries for one issuer would share challenges and replay scopes.
    private static func requireDistinctIssuers(_ servers: [ServerDraft]) {
        var seen: [[UInt8]: String] = [:]
        for server in servers {
            guard let issuer = server.issuer?.octets, let field = server.block["issuer"] else {
                continue
            }
            if let first = seen[issuer] {
                field.fail("is the issuer of \(first) too; each AS has its own (CFG-01)")
            }
            seen[issuer] = server.block.key
        }
    }

    /// CHAL-26. A proof that may be a day old is told from its replay by its challenge alone.
    private static func requireSingleUse(_ server: ServerDraft) {
        guard server.proof.challengeSkew > 0,
            let field = server.block["proof"]?.block(.proof)?["challenge_skew"]
        else { return }
        if !server.challenge.policy.singleUse {
            field.fail("needs challenge.single_use: true (CHAL-26); add it, or write 0s")
        }
        if server.challenge.policy.mode == .off, server.nonceEndpoints.isEmpty {
            field.fail("counts for proofs with a challenge, and none is served; leave it out")
        }
    }

    /// HTTP-08. `Host` alone selects the AS.
    private static func requireDistinctAuthorities(_ servers: [ServerDraft]) {
        var seen: [Authority: String] = [:]
        for server in servers {
            for entry in server.authorities {
                let authority = entry.value.withoutDefaultPort(https: true)
                if let first = seen[authority] {
                    let text = String(decoding: authority.octets, as: UTF8.self)
                    entry.field.fail(
                        "\(text) selects \(first) already; several AS behind one host are not "
                            + "built yet (HTTP-08)"
                    )
                }
                seen[authority] = server.block.key
            }
        }
    }

    /// CFG-14. One proof must never pass at two AS.
    private static func requireDistinctAudiences(_ servers: [ServerDraft]) {
        var owners: [[UInt8]: String] = [:]
        for server in servers {
            if let issuer = server.issuer?.octets { owners[issuer] = server.block.key }
        }
        for server in servers {
            for alias in server.aliases {
                if let owner = owners[alias.value] {
                    alias.field.fail("is an audience of \(owner) already; remove it (CFG-14)")
                }
                owners[alias.value] = server.block.key
            }
        }
    }

    /// CFG-02. Attested clients, credential entries and unattested clients fit together.
    private static func requireReconciledClients(_ server: ServerDraft) {
        var entries: Set<[UInt8]> = []
        for client in server.clients {
            if !entries.insert(client.settings.clientID).inserted {
                client.id.fail(
                    "\(text(client.settings.clientID)) is listed twice; keep one entry (CFG-02)")
            }
        }
        for entry in server.unattested where entries.contains(entry.value) {
            entry.field.fail(
                "\(text(entry.value)) is an attested client too; it could then skip its "
                    + "attestation. Keep it in one list (CFG-02)"
            )
        }
        // An entry that could not be read may be the one that is missed.
        let clientsAreKnown = server.clients.count == server.block["clients"]?.count
        var vouched: Set<[UInt8]> = []
        for entry in server.attesters.flatMap(\.clients) {
            vouched.insert(entry.value)
            if clientsAreKnown, !entries.contains(entry.value) {
                entry.field.fail(
                    "\(text(entry.value)) has no entry in clients; add client_id and upstream "
                        + "for it (CFG-02)"
                )
            }
        }
        guard server.attesters.count == server.block["attesters"]?.count else { return }
        for client in server.clients where !vouched.contains(client.settings.clientID) {
            client.id.warn(
                "no attester may vouch for this client; all its requests will be refused")
        }
    }

    /// RPL-07, said before it surprises: a client that is given nothing fresh to prove waits until
    /// the fence is over.
    private static func warnOfStartFence(_ server: ServerDraft) {
        let block = server.block
        let after = "after a start that did not follow a clean stop (RPL-07)"
        if server.profiles.flags.servesChallenges, server.challenge.policy.mode == .off {
            block.reading.report.warning(
                "\(block.key).challenge.policy: without challenges every proof is refused for "
                    + "proof.clock_skew \(after)",
                at: server.challenge.position ?? block.position)
        }
        if server.dpop.policy.nonceOwner != .gateway {
            for client in server.clients {
                let flags = (client.attested.profiles ?? server.profiles).flags
                guard flags.combined == .nonce else { continue }
                client.combined?.warn(
                    "without dpop.nonce_owner: gateway a proof in combined mode is refused for "
                        + "proof.clock_skew \(after)")
            }
        }
        if server.profiles.flags.servesNonces, !server.nonceEndpoints.contains(.token) {
            block["nonce"]?.warn(
                "without nonces at the token endpoint a proof of abca-05 is refused there for "
                    + "proof.expiry_cap and twice proof.clock_skew \(after)")
        }
    }

    /// BIND-09. A client that is notified compares what the AS sends with what it was given.
    private static func requirePolledRequests(_ server: ServerDraft) {
        guard server.binding.sealsAuthenticationRequests else { return }
        for client in server.clients {
            client.ping?.fail(
                "the AS itself sends its auth_req_id to this client, which would not know the "
                    + "sealed one by it; add bind: { auth_req_id: false } (BIND-09)")
        }
    }
}

/// Octets of the file as text again.
private func text(_ octets: [UInt8]) -> String {
    quoted(String(decoding: octets, as: UTF8.self))
}

extension Field {
    /// Items of a list.
    var count: Int? {
        guard case .list(let values) = value.kind else { return nil }
        return values.count
    }
}
