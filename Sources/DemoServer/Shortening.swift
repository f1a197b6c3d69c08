// SPDX-License-Identifier: Apache-2.0
// Cuts long random-looking values, so that a line of the transcript stays readable.

/// Shortens tokens, challenges, codes and keys to their first characters and `…`.
enum Shortening {
    private static let kept = 8
    private static let longest = 20

    /// `text` with every run of 20 or more base64url characters that holds a digit or a capital
    /// cut to 8; words such as `invalid_client_attestation` stay. A JWT is one run.
    static func shorten(_ text: String) -> String {
        var result = ""
        var run = ""
        for character in text {
            if isTokenCharacter(character, after: run) {
                run.append(character)
            } else {
                result += cut(run)
                run = ""
                // Base64 padding goes with the value it pads.
                if character != "=" || !result.hasSuffix("…") { result.append(character) }
            }
        }
        return result + cut(run)
    }

    /// The same for the octets of a message.
    static func shorten(_ octets: some Collection<UInt8>) -> String {
        shorten(text(octets))
    }

    /// Octets of a message as they are.
    static func text(_ octets: some Collection<UInt8>) -> String {
        String(decoding: octets, as: UTF8.self)
    }

    private static func isTokenCharacter(_ character: Character, after run: String) -> Bool {
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        case ".": run.hasPrefix("eyJ")
        default: false
        }
    }

    private static func cut(_ run: String) -> String {
        let looksRandom = run.contains { ("A"..."Z").contains($0) || ("0"..."9").contains($0) }
        guard run.count >= longest, looksRandom else { return run }
        return run.prefix(kept) + "…"
    }
}
