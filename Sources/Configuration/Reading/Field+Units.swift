// SPDX-License-Identifier: Apache-2.0
// Values with a unit: durations (`90s`, `5m`, `24h`, `100ms`) and sizes (`64KiB`, `1MiB`).

extension Field {
    /// A duration within `range`.
    func duration(in range: ClosedRange<Duration>) -> Duration? {
        guard let text = text() else { return nil }
        guard let milliseconds = Self.milliseconds(text) else {
            fail("\(quoted(text)) is no duration; write a number and ms, s, m or h, such as 90s")
            return nil
        }
        let duration = Duration.milliseconds(milliseconds)
        guard range.contains(duration) else {
            let bounds = "\(Self.written(range.lowerBound)) to \(Self.written(range.upperBound))"
            fail("\(text) does not fit; write \(bounds)")
            return nil
        }
        return duration
    }

    /// A duration in whole seconds within `range`; `rule` names who sets the bounds.
    func seconds(in range: ClosedRange<Int64>, rule: String? = nil) -> Int64? {
        guard let text = text() else { return nil }
        guard let milliseconds = Self.milliseconds(text) else {
            fail("\(quoted(text)) is no duration; write a number and s, m or h, such as 90s")
            return nil
        }
        let seconds = Int64(milliseconds / 1000)
        guard milliseconds % 1000 == 0, range.contains(seconds) else {
            let lower = Self.written(.seconds(range.lowerBound))
            let upper = Self.written(.seconds(range.upperBound))
            let reason = rule.map { " (\($0))" } ?? ""
            fail("\(text) does not fit\(reason); write whole seconds, \(lower) to \(upper)")
            return nil
        }
        return seconds
    }

    /// A number of octets within `range`.
    func size(in range: ClosedRange<Int>) -> Int? {
        guard let text = text() else { return nil }
        guard let size = Self.octetCount(text) else {
            fail("\(quoted(text)) is no size; write a number and B, KiB, MiB or GiB, such as 64KiB")
            return nil
        }
        guard range.contains(size) else {
            let bounds = "\(Self.written(range.lowerBound)) to \(Self.written(range.upperBound))"
            fail("\(text) does not fit; write \(bounds)")
            return nil
        }
        return size
    }

    private static let durationUnits: [(name: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    private static let sizeUnits: [(name: String, octets: Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1),
    ]

    private static func milliseconds(_ text: String) -> Int? {
        amount(text, units: durationUnits.map { ($0.name, $0.milliseconds) })
    }

    private static func octetCount(_ text: String) -> Int? {
        amount(text, units: sizeUnits.map { ($0.name, $0.octets) })
    }

    /// At most nine digits and one unit, so that no product overflows.
    private static func amount(_ text: String, units: [(name: String, factor: Int)]) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        let number = text.dropLast(unit.name.count)
        guard !number.isEmpty, number.utf8.count <= 9, let count = digits(number) else {
            return nil
        }
        return count * unit.factor
    }

    private static func written(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        let unit = durationUnits.last { milliseconds % $0.milliseconds == 0 && milliseconds > 0 }
        return unit.map { "\(milliseconds / $0.milliseconds)\($0.name)" } ?? "0s"
    }

    private static func written(_ octets: Int) -> String {
        let unit = sizeUnits.prefix(3).last { octets % $0.octets == 0 && octets > 0 }
        return unit.map { "\(octets / $0.octets)\($0.name)" } ?? "\(octets)B"
    }
}
