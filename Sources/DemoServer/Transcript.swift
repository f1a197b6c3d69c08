// SPDX-License-Identifier: Apache-2.0
// What the demo prints: numbered steps with a verdict and what went over the wire; no sockets here.

/// Writes the story of the demo as text for people, one step after the other.
public final class Transcript {
    /// What a line of a step begins with.
    enum Label: String {
        case clientToGateway = "client → gateway"
        case gatewayToServer = "gateway → AS"
        case gatewayToClient = "client ← gateway"
        case attestation = "the attestation"
        case proof = "the proof"
        case dpop = "the DPoP proof"
        case note = "note"
        case wrong = "NOT SO"
    }

    private enum Style: String {
        case bold = "1"
        case dim = "2"
        case green = "32"
        case yellow = "33"
        case boldRed = "1;31"
        case cyan = "36"
    }

    private static let verdictColumn = 86
    private static let textColumn = 22
    private static let lastColumn = 118

    private let usesColour: Bool
    private let emit: (String) -> Void
    private(set) var steps = 0
    private(set) var stepsAsTheyShouldBe = 0

    /// `emit` is called with each finished line, without a line end; `usesColour` switches ANSI colours
    /// on, which only a terminal wants.
    public init(usesColour: Bool, emit: @escaping (String) -> Void) {
        self.usesColour = usesColour
        self.emit = emit
    }

    /// A line of prose outside the steps.
    public func say(_ line: String) {
        emit(line)
    }

    /// Whether every step so far went as it should.
    public var wentWell: Bool { steps > 0 && steps == stepsAsTheyShouldBe }

    /// The head line of the next step: number, title and, in its own column, the verdict.
    func begin(_ title: String, verdict: Verdict, asItShouldBe: Bool) {
        steps += 1
        if asItShouldBe { stepsAsTheyShouldBe += 1 }
        let head = "\(steps). \(title)"
        let gap = String(repeating: " ", count: max(2, Self.verdictColumn - head.count))
        let style: Style = !asItShouldBe ? .boldRed : verdict == .accepted ? .green : .yellow
        emit(paint(head, .bold) + gap + paint(verdict.description, style))
    }

    /// One line of a step; where it gets long it is wrapped between `parts`.
    func line(_ label: Label?, _ parts: [String], separator: String = "   ") {
        let name = label?.rawValue ?? ""
        let head = "   " + name + spaces(Self.textColumn - 3 - name.count)
        let style: Style = label == .wrong ? .boldRed : label == .note ? .cyan : .dim
        for (index, text) in Self.wrap(parts, separator).enumerated() {
            let lead = index == 0 ? paint(head, style) : spaces(Self.textColumn)
            emit(lead + (label == .note ? paint(text, .cyan) : text))
        }
    }

    /// The last line: how many steps went as they should.
    public func finish() {
        let count = "\(stepsAsTheyShouldBe) of \(steps) steps went as they should."
        emit(paint(count, wentWell ? .green : .boldRed))
    }

    private static func wrap(_ parts: [String], _ separator: String) -> [String] {
        var lines: [String] = []
        var current = ""
        for part in parts where !part.isEmpty {
            let joined = current.isEmpty ? part : current + separator + part
            if current.isEmpty || textColumn + joined.count <= lastColumn {
                current = joined
            } else {
                lines.append(current)
                current = String(part.drop { $0 == " " })
            }
        }
        if !current.isEmpty { lines.append(current) }
        return lines
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    private func paint(_ text: String, _ style: Style) -> String {
        usesColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}
