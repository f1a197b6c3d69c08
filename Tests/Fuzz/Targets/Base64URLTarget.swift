// SPDX-License-Identifier: Apache-2.0
// JOSE-02: base64url has one text for one value.

import Octets

enum Base64URLTarget {
    static func run(_ input: [UInt8], planted: Bool) throws(BrokenProperty) {
        if let octets = Base64URL.decode(input) {
            try hold(Base64URL.encode(octets) == input, "an accepted text is the encoding")
            if planted, octets.count > 2 { try plant(input) }
        }
        let text = Base64URL.encode(input)
        try hold(Base64URL.decode(text) == input, "every encoding is read back")
        // A slice that does not start at zero gives the same.
        let slice = ([0x41] + input + [0x41])[1..<(input.count + 1)]
        try hold(Base64URL.decode(slice) == Base64URL.decode(input), "a slice reads as an array")

        if let octets = Base64.decode(input) {
            try hold(Base64.encode(octets) == input, "an accepted padded text is the encoding")
        }
        try hold(Base64.decode(Base64.encode(input)) == input, "every padded encoding is read back")
    }
}
