// SPDX-License-Identifier: Apache-2.0
// The fuzz targets by name: each feeds one input to a reader and checks what it answers.

/// A property that an input breaks.
public struct BrokenProperty: Error, CustomStringConvertible {
    /// What should have held.
    public let description: String
}

/// Throws unless `condition` holds.
func hold(_ condition: Bool, _ property: String) throws(BrokenProperty) {
    guard condition else { throw BrokenProperty(description: property) }
}

/// One reader of octets from outside. The raw value names its corpus.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case json, base64url, jws, jwk, challenge, request, form

    /// Reads `input` and throws if a property breaks; a trap is the worse finding. With `planted`
    /// the target also breaks where only a fuzzer that sees its way through the reader arrives:
    /// the proof that it is not blind.
    public func run(_ input: [UInt8], planted: Bool = false) throws(BrokenProperty) {
        switch self {
        case .json: try JSONTarget.run(input, planted: planted)
        case .base64url: try Base64URLTarget.run(input, planted: planted)
        case .jws: try JWSTarget.run(input, planted: planted)
        case .jwk: try JWKTarget.run(input, planted: planted)
        case .challenge: try ChallengeTarget.run(input, planted: planted)
        case .request: try RequestTargetFuzz.run(input, planted: planted)
        case .form: try FormTarget.run(input, planted: planted)
        }
    }

    /// Where in an input base64url text stands, to be altered in its decoded form; else a random
    /// change hardly ever leaves a token that is read any further.
    public func encodedParts(of input: [UInt8]) -> [Range<Int>] {
        switch self {
        case .jws:
            let dot = UInt8(ascii: ".")
            return input.split(separator: dot, omittingEmptySubsequences: false).map(\.indices)
        case .challenge: return input.isEmpty ? [] : [1..<input.count]
        case .json, .base64url, .jwk, .request, .form: return []
        }
    }
}

/// Throws if `octets` begin with `FUZZ`. The comparison is one of 32 bits and never merged with
/// anything: a fuzzer that watches comparisons learns the value from it, another one will not
/// guess it.
func plant(_ octets: some Collection<UInt8>) throws(BrokenProperty) {
    guard octets.count >= 4 else { return }
    let word = octets.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard isPlanted(word) else { return }
    throw BrokenProperty(description: "the planted crash was found")
}

@inline(never)
private func isPlanted(_ word: UInt32) -> Bool { word == 0x4655_5A5A }
