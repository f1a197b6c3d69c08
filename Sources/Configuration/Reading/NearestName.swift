// SPDX-License-Identifier: Apache-2.0
// Which known name somebody meant who wrote an unknown one.

/// Finds the name that is the fewest slips of the keyboard away.
enum NearestName {
    /// The nearest of `names`, or nil when none is near enough to be worth a guess.
    static func find(_ written: String, in names: [String]) -> String? {
        guard written.utf8.count <= 64 else { return nil }
        let best = names.map { (name: $0, distance: distance(written, $0)) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let best, best.distance <= max(1, min(written.count, best.name.count) / 3) else {
            return nil
        }
        return best.name
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.lowercased().unicodeScalars)
        let b = Array(right.lowercased().unicodeScalars)
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
