// SPDX-License-Identifier: Apache-2.0
// Two clients are never one to an AS, and one key is never known to two (CRED-04 to CRED-09,
// CFG-02, CFG-17).

import ClientAttestation
import Gateway
import HTTPWire
import JOSE
import Minting

/// The self-checks of ids and credentials towards the AS.
enum CredentialChecks {
    static func run(_ servers: [ServerDraft]) {
        requireKeysOfOneServer(servers)
        for server in servers {
            requireInjectiveIDs(server)
            requireRewritable(server)
            requireOwnIdentityKey(server, servers)
            warnOfPlainClients(server)
        }
    }

    /// CRED-09. Codes, tokens and grants of one client would be another's.
    private static func requireInjectiveIDs(_ server: ServerDraft) {
        let unattested = Set(server.unattested.map(\.value))
        var owners: [[UInt8]: [UInt8]] = [:]
        for client in server.clients {
            owners[client.settings.clientID] = client.settings.clientID
        }
        for client in server.clients {
            guard let field = client.upstream.idField, client.settings.isMapped else { continue }
            let id = client.upstream.id
            let name = quoted(String(decoding: id, as: UTF8.self))
            if let owner = owners[id] {
                let other = quoted(String(decoding: owner, as: UTF8.self))
                field.fail(
                    "\(name) is the id of \(other) at the AS: both would be one client there, each "
                        + "with the other's codes and tokens; give each its own (CRED-09)")
            }
            owners[id] = client.settings.clientID
            if unattested.contains(id) {
                field.fail(
                    "\(name) is in unattested_clients too: this client could skip its attestation. "
                        + "Keep it in one place (CFG-02, CRED-09)")
            }
        }
    }

    /// CRED-07. What names the client by its other id and is not rewritten.
    private static func requireRewritable(_ server: ServerDraft) {
        let introspects = server.paths.endpoints.contains { $0.value.endpoint == .introspection }
        for client in server.clients where client.settings.isMapped {
            guard let field = client.upstream.idField else { continue }
            if introspects {
                field.fail(
                    "introspection answers name clients by this id, and rewriting them is not "
                        + "built yet; leave out endpoints.introspection, or have the AS know the "
                        + "client by its client_id (CRED-07)")
            } else {
                field.warn(
                    "what the AS signs, such as the `aud` of ID tokens, names the client by this "
                        + "id (CRED-07)")
            }
        }
    }

    /// CFG-17. An AS that is shown an assertion could use it at the other.
    private static func requireKeysOfOneServer(_ servers: [ServerDraft]) {
        var owners: [JWKThumbprint: String] = [:]
        for server in servers {
            for client in server.clients {
                guard let field = client.upstream.keyField, let key = client.thumbprint else {
                    continue
                }
                if let owner = owners[key], owner != server.block.key {
                    field.fail(
                        "is the key for \(owner) too; make one for each AS: `attestgate keygen "
                            + "client` (CFG-17)")
                }
                owners[key] = server.block.key
            }
        }
    }

    /// FWD-07, CRED-04. A key with two purposes signs for neither.
    private static func requireOwnIdentityKey(_ server: ServerDraft, _ servers: [ServerDraft]) {
        guard let entry = server.forwarding.identityKey else { return }
        let keys = servers.flatMap(\.clients).compactMap(\.thumbprint)
        guard keys.contains(entry.value.thumbprint) else { return }
        entry.field.fail(
            "is a client's key_file too; make another one: `attestgate keygen client` (FWD-07)")
    }

    /// CRED-05, EP-08.
    private static func warnOfPlainClients(_ server: ServerDraft) {
        let plain = server.clients.first {
            if case .none = $0.settings.credential { true } else { false }
        }
        plain?.upstream.method.warn(
            "the AS takes this client_id without proof: make sure that only the gateway can "
                + "reach the AS (CRED-05, EP-08)"
        )
    }
}

extension ClientDraft {
    /// The key it is known by at the AS.
    fileprivate var thumbprint: JWKThumbprint? {
        guard case .assertion(let credential) = settings.credential else { return nil }
        return credential.key.thumbprint
    }
}
