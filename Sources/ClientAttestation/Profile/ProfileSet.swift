// SPDX-License-Identifier: Apache-2.0
// The profiles enabled together, and the tolerance that follows (requirements 0.4).

/// The profiles enabled for an AS, an attester or a client.
public struct ProfileSet: Sendable, Equatable {
    /// The profiles, oldest first, each once.
    public let profiles: [Profile]
    /// Their flags merged towards tolerance. With no profile at all the verifier refuses.
    public let flags: ProfileFlags

    /// The set of `profiles`; order and repetition do not matter.
    public init(_ profiles: [Profile]) {
        let ordered = Profile.allCases.filter(profiles.contains)
        self.profiles = ordered
        if let first = ordered.first {
            flags = ordered.dropFirst().reduce(first.flags) { $0.merged(with: $1.flags) }
        } else {
            flags = ProfileFlags()
        }
    }

    /// The profiles in both sets; what remains when an attester and a client are both narrowed.
    func intersection(_ other: ProfileSet) -> ProfileSet {
        ProfileSet(profiles.filter(other.profiles.contains))
    }
}
