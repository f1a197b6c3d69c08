// SPDX-License-Identifier: Apache-2.0
// Lines of text in columns, with colours where a terminal shows them.

/// A text under construction.
struct Page {
    private static let width = 100
    private static let labels = 16
    private static let stages = 25
    private static let results = 15

    private(set) var text = ""
    private let hasColour: Bool

    init(hasColour: Bool) {
        self.hasColour = hasColour
    }

    /// Appends one line.
    mutating func line(_ content: String) {
        text += content
        text += "\n"
    }

    /// Appends a label and its value, wrapped; nothing if there is no value.
    mutating func row(_ label: String, _ value: String?, labels: Int = Self.labels) {
        guard let value else { return }
        let start = "  " + Self.padded(label, labels) + " "
        let words = value.split(separator: " ").map(String.init)
        let lines = Self.wrapped(words, Self.width - start.count)
        for (index, part) in lines.enumerated() {
            line((index == 0 ? start : String(repeating: " ", count: start.count)) + part)
        }
    }

    /// Appends rules that share a result, and what is to be known of the first.
    mutating func rules(
        stage: String, _ names: [String], _ result: Report.Result, note: RuleNote?
    ) {
        let (word, code) =
            switch result {
            case .pass: ("pass", "32")
            case .fail: ("FAIL", "1;31")
            case .notReached: ("not reached", "33")
            case .notApplicable: ("does not apply", "2")
            case .unknown: ("not known here", "2")
            }
        let margin = Self.stages + Self.results + 4
        let mark = coloured(Self.padded(word, Self.results), code)
        let start = "  " + Self.padded(stage, Self.stages) + " " + mark + " "
        let lines = Self.wrapped(Self.listed(names), Self.width - margin)
        for (index, part) in lines.enumerated() {
            let about = note.map { "  \($0.title)  [\($0.source)]" } ?? ""
            let text = result == .fail ? coloured(part + about, "1;31") : part + about
            line((index == 0 ? start : String(repeating: " ", count: margin)) + text)
        }
    }

    // MARK: Colours

    func bold(_ text: String) -> String { coloured(text, "1") }

    func verdict(_ text: String, isGood: Bool) -> String {
        coloured(text, isGood ? "1;32" : "1;31")
    }

    private func coloured(_ text: String, _ code: String) -> String {
        hasColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    // MARK: Columns

    private static func listed(_ names: [String]) -> [String] {
        names.enumerated().map { $0.offset < names.count - 1 ? $0.element + "," : $0.element }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func wrapped(_ words: [String], _ width: Int) -> [String] {
        var lines = [""]
        for word in words {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = word
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }
}
