// SPDX-License-Identifier: Apache-2.0
// CFG-12 and CFG-15: no protected endpoint has a second, unprotected way in.

import Gateway
import Octets

/// Checks over the paths of one AS.
enum PathChecks {
    static func run(_ server: ServerDraft) {
        let taken = server.paths.taken
        requireDistinctPaths(taken)
        for entry in server.paths.passThrough {
            refuseProtected(entry, server.paths.guarded)
            warnOfNeighbours(entry, server.paths)
        }
    }

    /// CFG-12. Two routes with one path, or with paths some servers take for one.
    private static func requireDistinctPaths(_ taken: [Entry<[UInt8]>]) {
        for (index, entry) in taken.enumerated() {
            for earlier in taken[..<index] where isAlias(entry.value, earlier.value) {
                entry.field.fail(
                    "\(text(entry.value)) is the path of \(earlier.field.key), or may be taken "
                        + "for it; each has its own (CFG-12)"
                )
                break
            }
        }
    }

    /// CFG-15. Nothing protected may be listed as pass-through.
    private static func refuseProtected(_ entry: Entry<[UInt8]>, _ taken: [Entry<[UInt8]>]) {
        for other in taken where isAlias(entry.value, other.value) {
            let what = "\(text(entry.value)) is \(other.field.key), or may be taken for it"
            entry.field.fail("\(what); it is routed by itself, remove it here (CFG-15)")
            return
        }
    }

    /// EP-07. What shares a prefix with a protected endpoint may be another of its kind.
    private static func warnOfNeighbours(_ entry: Entry<[UInt8]>, _ paths: ServerPaths) {
        let below =
            entry.value == [UInt8(ascii: "/")] ? entry.value : entry.value + [UInt8(ascii: "/")]
        let covered = paths.endpoints.first {
            ASCII.lowercased($0.value.path).starts(with: ASCII.lowercased(below))
        }
        guard let covered else { return }
        entry.field.warn(
            "covers the folder of \(covered.field.key): whatever else the AS serves there is "
                + "forwarded unverified; list all its endpoints, or narrower prefixes (EP-07)"
        )
    }

    /// EP-13. Whether a server may take the two for one: ASCII case, a final `/`, a suffix after
    /// `.` in the last segment.
    static func isAlias(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let a = folded(left)
        let b = folded(right)
        return a == b || extends(a, b) || extends(b, a)
    }

    private static func extends(_ long: [UInt8], _ short: [UInt8]) -> Bool {
        guard long.count > short.count, long.starts(with: short) else { return false }
        let rest = long[short.count...]
        return rest.first == UInt8(ascii: ".") && !rest.contains(UInt8(ascii: "/"))
    }

    private static func folded(_ path: [UInt8]) -> [UInt8] {
        let lower = ASCII.lowercased(path)
        return lower.count > 1 && lower.last == UInt8(ascii: "/") ? Array(lower.dropLast()) : lower
    }

    private static func text(_ path: [UInt8]) -> String {
        String(decoding: path, as: UTF8.self)
    }
}

extension ServerPaths {
    /// Every path with a route of its own.
    fileprivate var taken: [Entry<[UInt8]>] {
        endpoints.map { Entry(value: $0.value.path, field: $0.field) }
            + [authorization, registration, challenge].compactMap(\.self)
    }

    /// Paths that must not pass through. The authorization endpoint may: a prefix of its path lets
    /// through what lies below it, and EP-15 holds either way.
    fileprivate var guarded: [Entry<[UInt8]>] {
        endpoints.map { Entry(value: $0.value.path, field: $0.field) }
            + [registration, challenge].compactMap(\.self)
    }
}
