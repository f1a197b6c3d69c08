// SPDX-License-Identifier: Apache-2.0
// Sealed values and re-keyed verifiers that another program made: Tests/sealed-vectors.

/// Made by a script; what went in is in the script and in the tests.
enum SealedVectors {
    /// The master key, whose ID is 167.
    static let masterKey =
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    /// The verifier of RFC 7636, appendix B.
    static let verifier =
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    /// Its challenge.
    static let challenge =
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    /// `raw/upstream+value==` as `rt`.
    static let rt =
        "ag1.a7.PIk8N9vHZ77p1UFxXwno1YjYeWVKLZc3XDyfvTjIZ4p8jI3stUVfNxtJk-ysM2RBoaNNX"
        + "Ing6RY7eNx_s1gnq7nOClzeZri_PW9XwOXhJEsEVacdpnvPlkTO7qdq9PTnvPkazaHirt25NDidP"
        + "34NDVYXIlFsHADB6NVO7OwYmRfy-CfCEtgMygdC7ELOtF0pFcwsI2fF5rfnGD-scA"
    /// `raw/upstream+value==` as `dc`.
    static let dc =
        "ag1.a7.PIk8N9vHZ77p1UFxXwno1YjYeWVKLZc3XDyfvTjIZ4p8jI3stUVfNxtJk-ysM2RBoaNNX"
        + "Ing6RY7eNx_s1gnq7nOClzeZri_PW9XwOXhJEsEVacdpnvPlkTO7qdq9PTnvPkazaHirt25NDidP"
        + "34NDVYXIlFsHADB6NVO7OwYmRfy-CfCEtgMygdC7ELOZNQA-50wN7rsIUzFX_mtrQ"
    /// `raw/upstream+value==` as `ar`.
    static let ar =
        "ag1.a7.PIk8N9vHZ77p1UFxXwno1YjYeWVKLZc3XDyfvTjIZ4p8jI3stUVfNxtJk-ysM2RBoaNNX"
        + "Ing6RY7eNx_s1gnq7nOClzeZri_PW9XwOXhJEsEVacdpnvPlkTO7qdq9PTnvPkazaHirt25NDidP"
        + "34NDVYXIlFsHADB6NVO7OwYmRfy-CfCEtgMygdC7ELOx_WQQyyLmcxcp2b2oExrsQ"
    /// What is forwarded for the verifier.
    static let newVerifier =
        "PptQD2AaPbRkqaUht_MeWCRBhtrTwlkM0Qi4-PqnQPQ"
    /// What is forwarded for the challenge.
    static let newChallenge =
        "-2FQKBNcVgsif5Xg7ztupL9suNSfMSvrdPYVBrXyjcc"
    /// What is forwarded where there is no verifier.
    static let insertedVerifier =
        "oBcEkt8Zt7-2eMJt2zEFqTTVnagbPXoEiFkR8n7pZBI"
    /// What is forwarded where there is no challenge.
    static let insertedChallenge =
        "2oTrIvDZzhhrjsJMgxMh89bEThQGUabI5oZ5w0vnGpc"
}
