// SPDX-License-Identifier: Apache-2.0
// Every key of the configuration contract, block by block; what is not built yet is known too.

/// The keys of one block.
struct KeySet {
    /// Keys that are read.
    var built: [String]
    /// Keys of the contract that a later version reads; until then they are refused, never ignored.
    var planned: [String] = []

    static let top = KeySet(
        built: [
            "listeners", "authorization_servers", "secrets", "replay", "workers", "limits",
            "rate_limits", "shutdown", "log",
        ],
        planned: ["admin"])

    static let listener = KeySet(
        built: ["address", "tls", "mode"], planned: ["trusted_proxies", "proxy_protocol"])
    static let tls = KeySet(
        built: ["certificate", "private_key"], planned: ["client_anchors_file"])

    static let server = KeySet(
        built: [
            "issuer", "upstream", "endpoints", "profiles", "challenge", "nonce", "proof",
            "attestation", "dpop", "attesters", "clients", "unattested_clients", "pass_through",
            "registration", "authorities", "upstream_host", "upstream_limits", "par", "forward",
            "cors", "errors", "denylist_file", "metadata", "bind",
        ],
        planned: [
            "mode", "monitor_until", "introspection_callers", "upstream_addresses", "upstream_tls",
        ])
    static let endpoints = KeySet(
        built: [
            "token", "pushed_authorization_request", "revocation", "introspection",
            "device_authorization", "backchannel_authentication", "authorization",
        ])
    static let endpoint = KeySet(built: ["path", "grants"], planned: ["mode", "monitor_until"])
    static let upstreamLimits = KeySet(
        built: ["connect", "response", "idle", "connections", "requests", "edited_body"])
    static let challenge = KeySet(
        built: ["policy", "endpoint", "lifetime", "push", "single_use"])
    static let nonce = KeySet(built: ["endpoints"], planned: ["bind_endpoint"])
    static let proof = KeySet(
        built: [
            "max_age", "clock_skew", "expiry_cap", "audience_aliases", "nonce_alias",
            "issuer_if_present", "algorithms", "sign_only_keys", "challenge_skew",
        ])
    static let attestation = KeySet(built: ["max_age", "require_iat"])
    static let dpop = KeySet(
        built: ["owner", "nonce_owner", "require_nonce", "allow_bearer", "algorithms"])
    static let bind = KeySet(
        built: ["legacy_refresh", "same_attester", "device_code", "auth_req_id"],
        planned: ["signal"])
    static let par = KeySet(built: ["require_client_id", "request_uri_prefix"])
    static let forward = KeySet(
        built: [
            "identity_headers", "assertion_key_file", "attestation", "headers", "gateway_secret",
        ],
        planned: ["client_status"])
    static let gatewaySecret = KeySet(built: ["header", "secret_file"])
    static let metadata = KeySet(
        built: [
            "issuer", "signed", "urls", "stale_max", "max_age", "pop_methods", "document_file",
        ],
        planned: ["signing_key_file"])
    static let cors = KeySet(built: ["origins", "max_age"])
    static let errors = KeySet(built: ["specific", "expired", "attestation_status"])

    static let attester = KeySet(
        built: [
            "id", "issuers", "jwks_file", "algorithms", "clients", "types", "profiles",
            "self_attested", "jku", "attestation", "mac",
        ],
        planned: ["jwks_url", "jwks", "x5c_anchors_file", "x5c", "status"])
    static let mac = KeySet(built: ["key_id", "secret_file"])
    static let client = KeySet(
        built: [
            "client_id", "methods", "upstream", "profiles", "grants", "scopes", "response_types",
            "not_before", "ciba", "require_par", "code_binding", "pkce",
        ],
        planned: ["mode", "monitor_until"])
    static let clientUpstream = KeySet(
        built: [
            "authentication", "client_id", "secret_file", "previous_secret_file", "basic_encoding",
            "body_client_id", "key_file", "key_id", "algorithm", "audience",
        ],
        planned: ["certificate", "private_key"])

    static let secrets = KeySet(built: ["master_key_file", "previous_master_key_files"])
    static let replay = KeySet(
        built: [
            "store", "capacity", "instances", "state_directory", "clock_allowance", "per_key_max",
        ],
        planned: ["url", "deadline", "password_file", "anchors_file"])
    static let limits = KeySet(
        built: [
            "request_line", "header_section", "field", "fields", "body", "par_body",
            "header_timeout", "body_timeout", "idle_timeout", "pass_through_body", "connections",
        ])
    static let rateLimits = KeySet(
        built: ["challenge"], planned: ["address", "client", "attester"])
    static let shutdown = KeySet(built: ["drain"])
    static let log = KeySet(built: ["level", "format", "access", "remote"])

    /// Names that the protocol requirements, or habit, use for a key of ours.
    static let otherNames = [
        "legacy_clients": "unattested_clients", "ttl": "lifetime", "skew": "clock_skew",
        "exp_cap": "expiry_cap", "aud_aliases": "audience_aliases", "servers": "listeners",
        "accept_nonce_alias": "nonce_alias", "iss_if_present": "issuer_if_present",
        "par": "pushed_authorization_request", "introspect": "introspection",
        "revoke": "revocation", "device": "device_authorization",
        "ciba": "backchannel_authentication", "authorize": "authorization",
        "key": "private_key", "cert": "certificate", "secret": "secret_file",
        "client_secret": "secret_file", "jwks_uri": "jwks_url", "url": "upstream",
    ]
}
