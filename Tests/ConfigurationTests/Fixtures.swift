// SPDX-License-Identifier: Apache-2.0
// A throw-away certificate for tests, valid until 2110582461 (November 2036). Made with:
// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650
//   -subj /CN=as.example.com -addext subjectAltName=DNS:as.example.com

enum Fixtures {
    static let certificateEnd: Int64 = 2_110_582_461

    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBojCCAUigAwIBAgIUb1KLZQhtLH1Gz/mcn8WBjV51IHowCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOYXMuZXhhbXBsZS5jb20wHhcNMjYxMTIxMDA1NDIxWhcNMzYx
        MTE4MDA1NDIxWjAZMRcwFQYDVQQDDA5hcy5leGFtcGxlLmNvbTBZMBMGByqGSM49
        AgEGCCqGSM49AwEHA0IABKvc4gN0xP5p4ycxHhTNWbzi1Rs4zF92wdWlKRiRmgLA
        umrdMfgqrxVnxIz9fvcKF7HgitQL+n4xym98i0QZKQKjbjBsMB0GA1UdDgQWBBTB
        2VufyKXis5LPqPT6UClZ7+s9FjAfBgNVHSMEGDAWgBTB2VufyKXis5LPqPT6UClZ
        7+s9FjAPBgNVHRMBAf8EBTADAQH/MBkGA1UdEQQSMBCCDmFzLmV4YW1wbGUuY29t
        MAoGCCqGSM49BAMCA0gAMEUCIQC9GA8dgizl5PAKoJDFruYrpjJT/uvzEpYhfzgV
        CJ8s4gIgIQvTvGkjiWQUYpsvFaAfr2zabMtKreVYLKHkNGcUPu4=
        -----END CERTIFICATE-----

        """

    static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQ1EF+Dw9KwLR/Xnb
        YEB4zSYlux5xj07rqXns4Up7HWWhRANCAASr3OIDdMT+aeMnMR4UzVm84tUbOMxf
        dsHVpSkYkZoCwLpq3TH4Kq8VZ8SM/X73Chex4IrUC/p+McpvfItEGSkC
        -----END PRIVATE KEY-----

        """
}
