// SPDX-License-Identifier: Apache-2.0
// A value in the file together with its key, and the readers of texts, numbers, words and lists.

/// One value that is being read. Every reader below returns nil after it has reported why.
struct Field {
    /// Full name, such as `authorization_servers[0].proof.max_age`.
    let key: String
    let value: YAMLValue
    let reading: Reading

    var position: Position { value.position }

    /// Reports an error at this value.
    func fail(_ message: String) {
        reading.report.error("\(key): \(message)", at: position)
    }

    /// Reports a warning at this value.
    func warn(_ message: String) {
        reading.report.warning("\(key): \(message)", at: position)
    }

    /// A single value that is not empty, as it is written.
    func text() -> String? {
        guard case .scalar(let text, let isPlain) = value.kind else {
            fail("is \(value.kindName); write a single value")
            return nil
        }
        guard !text.isEmpty, !(isPlain && (text == "~" || text == "null")) else {
            fail("has no value; write one, or leave the key out")
            return nil
        }
        return text
    }

    /// The octets of a single value.
    func octets() -> [UInt8]? {
        text().map { Array($0.utf8) }
    }

    /// `true` or `false`, without quotes.
    func flag() -> Bool? {
        guard case .scalar(let text, isPlain: true) = value.kind, text == "true" || text == "false"
        else {
            fail("is neither; write true or false")
            return nil
        }
        return text == "true"
    }

    /// A whole number within `range`.
    func integer(in range: ClosedRange<Int>) -> Int? {
        guard let text = text() else { return nil }
        guard let number = Self.digits(text), range.contains(number) else {
            fail(
                "\(quoted(text)) does not fit; write a whole number, \(range.lowerBound) to "
                    + "\(range.upperBound)"
            )
            return nil
        }
        return number
    }

    /// One word of a fixed list; words of `planned` are refused as not built yet.
    func choice(_ built: [String], planned: [String] = []) -> String? {
        guard let text = text() else { return nil }
        if built.contains(text) {
            return text
        }
        let words = Self.alternatives(built)
        if planned.contains(text) {
            fail("\(text) is not built yet; write \(words)")
        } else {
            fail("\(quoted(text)) is unknown\(hint(text, built)); write \(words)")
        }
        return nil
    }

    /// One case of an enumeration whose raw values are the words of the file.
    func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        choice(Choice.allCases.map(\.rawValue)).flatMap(Choice.init)
    }

    /// A block with the keys of `keys`; unknown ones and ones not built yet are reported.
    func block(_ keys: KeySet) -> Block? {
        guard case .block(let entries) = value.kind else {
            fail(
                "is \(value.kindName); write a block of keys: \(keys.built.joined(separator: ", "))"
            )
            return nil
        }
        return Block(key: key, position: position, entries: entries, keys: keys, reading: reading)
    }

    /// The items of a list.
    func items() -> [Field]? {
        guard case .list(let values) = value.kind else {
            fail("is \(value.kindName); write a list, such as [a, b]")
            return nil
        }
        return values.enumerated().map { index, value in
            Field(key: "\(key)[\(index)]", value: value, reading: reading)
        }
    }

    /// The items of a list that has at least one.
    func someItems(_ what: String) -> [Field]? {
        guard let items = items() else { return nil }
        guard !items.isEmpty else {
            fail("is empty; list \(what)")
            return nil
        }
        return items
    }

    /// Single values of a list, each with its place; one that repeats an earlier one is an error.
    func texts() -> [Entry<String>]? {
        guard let items = items() else { return nil }
        var entries: [Entry<String>] = []
        var seen: Set<[UInt8]> = []
        for item in items {
            guard let text = item.text() else { continue }
            if seen.insert(Array(text.utf8)).inserted {
                entries.append(Entry(value: text, field: item))
            } else {
                item.fail("\(quoted(text)) is listed twice; keep one")
            }
        }
        return entries
    }

    /// The octets of the single values of a list.
    func octetsList() -> [[UInt8]]? {
        texts().map { $0.map { Array($0.value.utf8) } }
    }

    /// ` (did you mean "x"?)`, or nothing.
    func hint(_ text: String, _ names: [String]) -> String {
        NearestName.find(text, in: names).map { " (did you mean \(quoted($0))?)" } ?? ""
    }

    /// A decimal number without sign, or nil.
    static func digits(_ text: some StringProtocol) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    /// `a`, `a or b`, `a, b or c`.
    static func alternatives(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}

/// A value that was read and the place it came from, for checks that look at several keys.
struct Entry<Value> {
    var value: Value
    var field: Field
}

/// `text` in quotation marks, cut when long, without control characters.
func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(100).map { $0.value < 0x20 ? "?" : String($0) }.joined()
    return "\"\(shown)\(text.unicodeScalars.count > 100 ? "…" : "")\""
}
