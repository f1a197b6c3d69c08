// SPDX-License-Identifier: Apache-2.0
// Tokens copied from the published drafts, and the keys that verify them (requirements 6).

/// The drafts' sample tokens. Their private keys are published, so the keys are for tests only.
enum PublishedTokens {
    /// The attester's key in all drafts, `kid` 11.
    static let attesterKeys = """
        {"keys":[{"kty":"EC","crv":"P-256","kid":"11",\
        "x":"EVs_o5-uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf84",\
        "y":"kGe5DgSIycKp8w9aJmoHhB1sB3QTugfnRWm5nU_TzsY"}]}
        """

    /// The attestation of revisions 08 to 11.
    static let attestation10 = octets(
        """
        eyJ0eXAiOiJvYXV0aC1jbGllbnQtYXR0ZXN0YXRpb24rand0IiwiYWxnIjoiRVMyNTYiLCJraWQiOiIxMSJ9\
        .eyJzdWIiOiJodHRwczovL2NsaWVudC5leGFtcGxlLmNvbSIsImlhdCI6MTc3MjQ4NzU5NSwiZXhwIjoyNTI\
        5ODY2Mzk0LCJjbmYiOnsiandrIjp7Imt0eSI6IkVDIiwidXNlIjoic2lnIiwiY3J2IjoiUC0yNTYiLCJ4Ijo\
        iVmNLVk5CWjRJYUJBWVczanhNNHczVEpGVkE3bXllVUdReUd0LWdfeXZwUSIsInkiOiJmLUUtaFlFM1RBV0t\
        3aFZ2OXBlajlOQUJzOVNYOVhzTk84MHg1N2pGVHlVIn19fQ._TS4d-LAnRlwdN97wiVnl4z7C9gvm45IWr-B\
        vGTzeZaHtZtgNZ88gvzroU3LElUPbgF4kWi_DFORnKzsx5yu6A
        """)

    /// The proof of revisions 10 and 11 for the AS.
    static let proof10 = octets(
        """
        eyJ0eXAiOiJvYXV0aC1jbGllbnQtYXR0ZXN0YXRpb24tcG9wK2p3dCIsImFsZyI6IkVTMjU2In0.eyJhdWQi\
        OiJodHRwczovL2FzLmV4YW1wbGUuY29tIiwianRpIjoiZDI1ZDAwYWItNTUyYi00NmZjLWFlMTktOThmNDQw\
        ZjI1MDY0IiwiaWF0IjoxNzcyNDg3NTk1LCJjaGFsbGVuZ2UiOiI1YzFhOWUxMC0yOWZmLTRjMmItYWU3My01\
        N2MwOTU3YzA5YzQifQ.M4Uc4rWVAqaLlmDDUXQKkKPbAQKj0JrTizLgWhZndmbkvM3VL8y-w_QJr7Z0HZlH9\
        4E64cLa8L5fSjJItYv0jg
        """)

    /// The same for a resource server.
    static let proof10ForResource = octets(
        """
        eyJ0eXAiOiJvYXV0aC1jbGllbnQtYXR0ZXN0YXRpb24tcG9wK2p3dCIsImFsZyI6IkVTMjU2In0.eyJhdWQi\
        OiJodHRwczovL3JzLmV4YW1wbGUuY29tIiwianRpIjoiZDI1ZDAwYWItNTUyYi00NmZjLWFlMTktOThmNDQw\
        ZjI1MDY0IiwiaWF0IjoxNzcyNDg3NTk1LCJjaGFsbGVuZ2UiOiI1YzFhOWUxMC0yOWZmLTRjMmItYWU3My01\
        N2MwOTU3YzA5YzQifQ.Uh-vRynTGGARZNqijGyovBMm_EsX5qu0fg0VGPVRsp1rJdF7rElbZcEv0CAtzm5kX\
        hjSXHYGxEVb0I7HIeUFRg
        """)

    /// The proof of revisions 08 and 09, without `iat`.
    static let proof08 = octets(
        """
        eyJhbGciOiJFUzI1NiIsInR5cCI6Im9hdXRoLWNsaWVudC1hdHRlc3RhdGlvbi1wb3Arand0In0.eyJhdWQi\
        OiJodHRwczovL2FzLmV4YW1wbGUuY29tIiwianRpIjoiZDI1ZDAwYWItNTUyYi00NmZjLWFlMTktOThmNDQw\
        ZjI1MDY0Iiwibm9uY2UiOiI1YzFhOWUxMC0yOWZmLTRjMmItYWU3My01N2MwOTU3YzA5YzQifQ.U0uAUL60M\
        XSf2qB3uWoo1tQanBMLa7OJ-pk_GsA_o1rfJfRkUOyWpqeSbNH90ykVad-m6x5McrEnFgCqdkNfUA
        """)

    /// The attestation of revisions 06 and 07.
    static let attestation06 = octets(
        """
        eyJ0eXAiOiJvYXV0aC1jbGllbnQtYXR0ZXN0YXRpb24rand0IiwiYWxnIjoiRVMyNTYiLCJraWQiOiIxMSJ9\
        .eyJpc3MiOiJodHRwczovL2F0dGVzdGVyLmV4YW1wbGUuY29tIiwic3ViIjoiaHR0cHM6Ly9jbGllbnQuZXh\
        hbXBsZS5jb20iLCJuYmYiOjEzMDA4MTU3ODAsImV4cCI6MTMwMDgxOTM4MCwiY25mIjp7Imp3ayI6eyJrdHk\
        iOiJFQyIsInVzZSI6InNpZyIsImNydiI6IlAtMjU2IiwieCI6IjE4d0hMZUlnVzl3Vk42VkQxVHhncHF5Mkx\
        zellrTWY2SjhualZBaWJ2aE0iLCJ5IjoiLVY0ZFM0VWFMTWdQXzRmWTRqOGlyN2NsMVRYbEZkQWdjeDU1bzd\
        Ua2NTQSJ9fX0.4bCswkgmUHw06kKdiS2KEySRgjj73yCEIcrz3Mv7Bgns4Bm1tCQ9FAqMLtgzb5NthwJT9Ah\
        AEBogbiD5DtxV1g
        """)

    /// The attestation of revision 05.
    static let attestation05 = octets(
        """
        eyJ0eXAiOiJvYXV0aC1jbGllbnQtYXR0ZXN0YXRpb24rand0IiwiYWxnIjoiRVMyNTYiLCJraWQiOiIxMSJ9\
        .eyJpc3MiOiJodHRwczovL3NlcnZlci5leGFtcGxlLmNvbSIsInN1YiI6Imh0dHBzOi8vY2xpZW50LmV4YW1\
        wbGUuY29tIiwibmJmIjoxMzAwODE1NzgwLCJleHAiOjEzMDA4MTkzODAsImNuZiI6eyJqd2siOnsia3R5Ijo\
        iRUMiLCJ1c2UiOiJzaWciLCJjcnYiOiJQLTI1NiIsIngiOiIxOHdITGVJZ1c5d1ZONlZEMVR4Z3BxeTJMc3p\
        Za01mNko4bmpWQWlidmhNIiwieSI6Ii1WNGRTNFVhTE1nUF80Zlk0ajhpcjdjbDFUWGxGZEFnY3g1NW83VGt\
        jU0EifX19.pvZKZSdfEHMoc9Bb3liuLYDGWFlkxQUOVJ94H_GUKxYoCI6pfUffg18lKjlwE-8TeZ2k9vql1E\
        0BR5Nu0Ed_kw
        """)

    /// The proof of revisions 05 to 07, signed with the attester's key.
    static let proof05 = octets(
        """
        eyJhbGciOiJFUzI1NiIsInR5cCI6Im9hdXRoLWNsaWVudC1hdHRlc3RhdGlvbi1wb3Arand0In0.eyJpc3Mi\
        OiJodHRwczovL2NsaWVudC5leGFtcGxlLmNvbSIsImF1ZCI6Imh0dHBzOi8vYXMuZXhhbXBsZS5jb20iLCJu\
        YmYiOjEzMDA4MTU3ODAsImV4cCI6MTMwMDgxOTM4MCwianRpIjoiZDI1ZDAwYWItNTUyYi00NmZjLWFlMTkt\
        OThmNDQwZjI1MDY0Iiwibm9uY2UiOiI1YzFhOWUxMC0yOWZmLTRjMmItYWU3My01N2MwOTU3YzA5YzQifQ.r\
        Ea-dKJgRuD-aI-4bj4fDGH1up4jV--IgDMFdb9A5jSSWB7UhHfvLOVU_ZvAJfOWfO0MXyeunwzM3jGLB_TUk\
        Q
        """)

    /// The attestation of the appendix of OpenID4VCI 1.0, which names its key by a certificate.
    static let attestationVCI = octets(
        """
        eyJ0eXAiOiJvYXV0aC1jbGllbnQtYXR0ZXN0YXRpb24rand0IiwiYWxnIjoiRVMyNTYiLCJ4NWMiOlsiTUlJ\
        Qnl6Q0NBWEdnQXdJQkFnSVVKblorYXY3a0ZSYUNyS2xOaTRSU2dSTWxNemN3Q2dZSUtvWkl6ajBFQXdJd0pq\
        RWtNQ0lHQTFVRUF3d2JkMkZzYkdWMExYQnliM1pwWkdWeUxtVjRZVzF3YkdVdVkyOXRNQ0FYRFRJMU1EZ3hN\
        akU0TXpFek4xb1lEekl3TlRVd09EQTFNVGd6TVRNM1dqQW1NU1F3SWdZRFZRUUREQnQzWVd4c1pYUXRjSEp2\
        ZG1sa1pYSXVaWGhoYlhCc1pTNWpiMjB3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVFKREZp\
        WGZ0THp2bVFmVnduQytGVFVKSFlMZ0pWTVlQbXM3ZWlGYytEQ0EreFUxVTgzSms4WEtyMHFrRGxzYlcxU3JV\
        RXB0V0pvSmx0NU43S1dhdGl1bzNzd2VUQWRCZ05WSFE0RUZnUVVMNStlWnVrY3kvTFFVN2VYdnN6V0tHVEEr\
        aWt3SHdZRFZSMGpCQmd3Rm9BVUw1K2VadWtjeS9MUVU3ZVh2c3pXS0dUQStpa3dEd1lEVlIwVEFRSC9CQVV3\
        QXdFQi96QW1CZ05WSFJFRUh6QWRnaHQzWVd4c1pYUXRjSEp2ZG1sa1pYSXVaWGhoYlhCc1pTNWpiMjB3Q2dZ\
        SUtvWkl6ajBFQXdJRFNBQXdSUUlnZkVVdkFWMzhSUDdCU1JDSllLK0UvTWVSU291amlmRTZBT2Z1aGVKVVZG\
        OENJUURiZDduMytoRU5Rd2kyanY1SHhWUnoxSHJxSkhSOWlYUnNzSjJPSnhObHF3PT0iXX0.eyJpc3MiOiJo\
        dHRwczovL3dhbGxldC1wcm92aWRlci5leGFtcGxlLmNvbSIsInN1YiI6Imh0dHBzOi8vd2FsbGV0LmV4YW1w\
        bGUuY29tIiwid2FsbGV0X25hbWUiOiJXYWxsZXQgU29sdXRpb24gWCBieSBXb25kZXJsYW5kIFN0YXRlIERl\
        cGFydG1lbnQiLCJ3YWxsZXRfbGluayI6Imh0dHBzOi8vZXhhbXBsZS5jb20vd2FsbGV0L2RldGFpbF9pbmZv\
        Lmh0bWwiLCJuYmYiOjE3NTUwMjM1NDcsImV4cCI6MTc1NTEwMjc0NSwiY25mIjp7Imp3ayI6eyJrdHkiOiJF\
        QyIsInVzZSI6InNpZyIsImNydiI6IlAtMjU2IiwieCI6IjE4d0hMZUlnVzl3Vk42VkQxVHhncHF5Mkxzellr\
        TWY2SjhualZBaWJ2aE0iLCJ5IjoiLVY0ZFM0VWFMTWdQXzRmWTRqOGlyN2NsMVRYbEZkQWdjeDU1bzdUa2NT\
        QSJ9fX0.3rasFv7xis_VxGjm6xbyb7wjPuaEaCi0-Z_8PzutOVTBVoPEq7dDzZT-I5gJlQrS0HY6gU_Z30bO\
        nwhkYJQW9g
        """)

    /// The key of that certificate, self-signed by CN=wallet-provider.example.com.
    static let attesterKeyVCI = """
        {"kty":"EC","crv":"P-256",\
        "x":"CQxYl37S875kH1cJwvhU1CR2C4CVTGD5rO3ohXPgwgM",\
        "y":"7FTVTzcmTxcqvSqQOWxtbVKtQSm1YmgmW3k3spZq2K4"}
        """

    /// The DPoP proof of RFC 9449, figure 2.
    static let dpop9449 = octets(
        """
        eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgt\
        MzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VO\
        SmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFR\
        jIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0Ijo\
        xNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FN\
        yJK70nfbV37xRZT3Lg
        """)

    /// The DPoP proof on the slides of IETF 122, whose JWK has an `alg`.
    static let dpopSlide = octets(
        """
        eyJ0eXAiOiJkcG9wK2p3dCIsImp3ayI6eyJhbGciOiJFUzI1NiIsImNydiI6IlAtMjU2Iiwia3R5IjoiRUMi\
        LCJ4IjoiaThReW03NFRNUHVLQXVKUGlZczFSZlVsYTVjemNxelVobEpmRHNMdzd0NCIsInkiOiJGQjlUY2Zm\
        eVZDSEpFQjJjejc4NTE2MUE0SmxlTkh2cG44bXhHRldZMlNjIn0sImFsZyI6IkVTMjU2In0.eyJqdGkiOiIz\
        NTc2ODI5Ny1kZWM1LTQ2ZjYtODVlNS1iNzU4MjE2YWI1ZmYiLCJodG0iOiJQT1NUIiwiaHR1IjoiaHR0cHM6\
        Ly9hcy5leGFtcGxlL3Rva2VuIiwiaWF0IjoxNzAwODEyODAwLCJub25jZSI6ImV5SjdTX3pHLmV5SkgwLVou\
        SFg0dy03diJ9.5VuDrkd8RhMRaps_AzJBs2p-_UXXWT4dVHITBHiQxe31GeDq81otnIh3HBQN8_XjS1diHPq\
        1tti1pn55eZdI5g
        """)
}
