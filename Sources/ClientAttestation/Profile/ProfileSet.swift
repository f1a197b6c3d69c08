// SPDX-License-Identifier: Apache-2.0
// The profiles enabled together, and the tolerance that follows (requirements 0.4).

/// The profiles enabled for an AS, an attester or a client.
public struct ProfileSet: Sendable, Equatable {
    /// The profiles, oldest first, each once.
    public let profiles: [Profile]
    /// Their flags merged towards tolerance. With no profile at all the verifier refuses.
    public let flags: ProfileFlags
    /// Bit n: the profile at place n of `Profile.allCases`.
    private let mask: Int

    /// The set of `profiles`; order and repetition do not matter.
    public init(_ profiles: [Profile]) {
        self = Self.all[profiles.reduce(0) { $0 | 1 << $1.place }]
    }

    /// The profiles in both sets; all of this one if the other is nil, which narrows nothing. Free
    /// of allocations, for requests whose client or attester is narrowed.
    public func narrowed(to other: ProfileSet?) -> ProfileSet {
        guard let other else { return self }
        return Self.all[mask & other.mask]
    }

    /// Equal if the same profiles are enabled.
    public static func == (left: ProfileSet, right: ProfileSet) -> Bool {
        left.mask == right.mask
    }

    private init(mask: Int) {
        let profiles = Profile.allCases.filter { mask >> $0.place & 1 == 1 }
        self.mask = mask
        self.profiles = profiles
        if let first = profiles.first {
            flags = profiles.dropFirst().reduce(first.flags) { $0.merged(with: $1.flags) }
        } else {
            flags = ProfileFlags()
        }
    }

    /// Every set there is, at the place of its mask.
    private static let all = (0..<(1 << Profile.allCases.count)).map(ProfileSet.init(mask:))
}
