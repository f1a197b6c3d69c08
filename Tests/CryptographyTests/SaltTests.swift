// SPDX-License-Identifier: Apache-2.0
// PSS signatures that another program made with other salts and masks (JOSE-15).

import Cryptography
import Octets
import Testing

/// Made over `message` with `openssl dgst -sha256`, the private key thrown away.
private enum Salted {
    static let modulus =
        "1D4dlcVEPL5_6_DlMfLUOo-zmpeQMIlfRjGJYKEQiBhYyn9KMcp_kItJWWRSW57xd5XVhppvv9HqG91OdId9"
        + "6s4PbpKYkDDCVLxop3gbYJJnLpxF_iTpol7vfU2Gn3m1U4gixzwLmI6tZ4wl3UauLn4PwrQYTkVOOR4wHFvz"
        + "aorzBn5R-_PyEEjN8CLl3-I-TIFyjnfbEYUBcuZ0ba0BsoZf94xJQ7BM7YG4R0mQ-zH1MbdrwB-wcESOpgLs"
        + "srbk-TFq0SGGrNKcizezce_Ix5OISE6qxMSz5GQstMkJHZzyciOfuCqdETlvMXyP3wPLzw3Kuv4s6WIn0cGI"
        + "5cv5OQ"
    /// A salt of 32 octets, as long as the hash.
    static let right =
        "A8ArWTkhiwpXsoU37YmSsfD83IXwV7BrGhQu1Jxvp1YGJtCwNlAP7ZXAYE6ImwaB7tGVqGMdlhl2guFg3EWD"
        + "fOE4y-BHb6Kaeuh75L9LEaJm8QXSfpohkxSfboWJwpl8VTO5vIkXoRQqAn4-oM8aaHcoNoBuBWDvqTrDllsu"
        + "giq7Ik_xgm2MruS7zJzZcs38VT5nVsmb9_cvvf5TnqoR9MfjXENAbTnjoHChLnyW12acnmy_ROpoD6huuJqA"
        + "bbxt0vif5LXyMiqjCXvDy6UcB_fvVEhu63x3PiLPNmwwiioJC4KYNT_CBiAaTBxk-fm795qvLCsuDxzrRKM6"
        + "BvnbDw"
    /// Otherwise equal, with salts of 0, 20, 31 and 33 octets.
    static let otherSalts = [
        "lqyHik9LmYF4SWEiSlXxK9LHjGsz_PS7ATiPo-TQgQadBzHYYTELwKQruRFR0NHhqvbZXdqqZ1Omn9oIBueb"
            + "JrcQMfee2WELcZV23EGZRJSHsQOUy-ZygL1ncNUYPgXTK_lcsR9pIqNEsfUJxF8CIFEgW16oPZM0sF1KPseu"
            + "YGPJymfnOIjNde9Q_P2dC-6kGYAT-LEJ46XdxWvmYeOuD54daaImgLyeABmRNiXgmSKp88f12G2xSeDpplP1"
            + "g1ktbdzof-eAhn4Zl_FjM28A-KtgFO1w-vCX6Rbyhw7nOd8_mpDu0LaSOVXDLYnQzLiLCm6S5Z0a-EJnBeBQ"
            + "VAw7lg",
        "z8_ypuOfoinK8IWsZJxFDZyt_GCRIUlx4PkA58vjm7wcPtpP078FB2yx0CCzsJ272J-MWBQX02CXJ11Ti0rm"
            + "YaWBz4PHDtQ3jDzo8bkv6pL3V_2RTE7haDCYN3jWCJYXIDtcvwiGdptG4Kdi6vXp5AHrQEmHJ7wcuCfJMAgp"
            + "ArB9JyAklJU8pAze6saISOOouAvh9Q7DTb9tiwxrH3d5AZDA5blzFww-o4QWCtHkdX2-Isq4xt7IFmo9Y6pw"
            + "MpqEwQqW42ng6wUxXMjYhScbzdMRLuG5jlnqCbnc9Fel8WjL3YtPF6evuh3p7f8dMMyf6miI9ymCy22zk4PA"
            + "mQc8DA",
        "bpvXdaH2rf_zoKwKedp33bDGvVGhrpQHzcZDFqhxG9DcSNbD87WJvmEzGFUsnIg4r7loSwhQQsxzyHawexuy"
            + "vH9totjRi9jl-YFqQAZVvTOvgv4yLSkuL-VgpM-nVLLw6AuhqwwxAvqew_05h7CC_s5H29PcS5XhLg1Gt-k7"
            + "CWZWUrhMruJWb_04VouPd7He-p2zr7knRgUIccBRlMcxlCuWiFsD7pjXaACENsdvhvHUbUslyKRN7x77dHYL"
            + "bgEjp88lEABjWYy8zCw-IrLO34i2GftR9ylX8MXAchHcWqzKe_OtKu59yR4iQyfhnS7wcQkdwwIkVWoUPh7d"
            + "eriUDw",
        "j0n99cATdgw30ieOKY64J6tgFgnlEStaqP19Xij1qwhpGTTr2tDLCzOB7uPM9MdGSRZk0lQuTlO1Z8q7krpb"
            + "DV65NTZOnsN3bfusRXhnU3FqTM4Csv1YXdSRmC6Tpt35h8PpA_em7rctaenyj0WHFjPXMqqyKm7KBxY0G7AK"
            + "kETdlW-HvlXN-Y9rOS74eV_Wu3HZO0EP8sqMxcEbLlRJw36JYbALCPvJT8wInDCpggxfoEacDOMunH6k2kjP"
            + "bHsWF7tBiP5hSOe2pXWGzqhJ4vXzIRuyHrARWulqNTng7bAFd9kWv8nvVCnQC3B8jLaY-GVVu7HPqY-K1ZPx"
            + "Q57j8Q",
    ]
    /// A salt of 32 octets and a mask made with SHA-1.
    static let otherMask =
        "dTTl9PaFGvqxp7YGUx9S81pR8yEdgr0OSLqPFiS44OzSyNsBPnFGgDm0fRoNPS-iYgZ0N7uEhr3r6BgXcuNi"
        + "MFALhH3JbKZZmPV5GZ_bkgoKC-s3B-YaO8k8xAHIDb1tNwyLN7jtOxn7hpusaPV6XaPobA2Ti_hCYQco4Mqx"
        + "tFZTcOEO7mdsKYy5jDCp4AOtKoCDBtL--XH1ns6HcjE6EukDwHbVf9utDFUjwr3EvkpKY1TdJs1uDw3MUOdX"
        + "I5OG6wo88NbfiYAwn9jC5U9aUzKzeV8qEUKkGrHffuOjsBr1TtwERn2OQ9ICA0ToIstiARi3LWjg48DwFHFN"
        + "t5qt7g"
}

private func octets(_ text: String) throws -> [UInt8] {
    try #require(Base64URL.decode(Array(text.utf8)))
}

@Suite struct SaltTests {
    @Test("JOSE-15: the salt is as long as the hash and the mask is made with the same hash")
    func saltAndMask() throws {
        let key = try PublicKey(modulus: try octets(Salted.modulus), exponent: [1, 0, 1])
        let message = Array("message".utf8)
        #expect(
            key.verify(.ps256, signature: try octets(Salted.right), message: message[...]))
        for other in Salted.otherSalts + [Salted.otherMask] {
            #expect(!key.verify(.ps256, signature: try octets(other), message: message[...]))
        }
    }
}
