// SPDX-License-Identifier: Apache-2.0
// From the octets of a file to one tree of nodes: no aliases, tags or merge keys, no key twice.

internal import Yams

/// Reads a YAML file into a `YAMLValue`; the only place that knows the YAML library.
enum YAMLDocument {
    /// The root node, or nil after every fault was written to `report`.
    static func parse(_ octets: [UInt8], report: Report) -> YAMLValue? {
        let start = Position(line: 1, column: 1)
        guard let text = String(validating: octets, as: UTF8.self) else {
            report.error("the file is not UTF-8; save it as UTF-8", at: start)
            return nil
        }
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else {
                report.error("the file is empty; see conf/minimal.yaml for a start", at: start)
                return nil
            }
            return YAMLConversion(text: text, report: report).convert(root)
        } catch {
            let (position, fault) = describe(error, in: text)
            report.error(fault, at: position)
            return nil
        }
    }

    fileprivate static func place(_ mark: Mark?) -> Position {
        Position(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    private static func describe(_ error: any Error, in text: String) -> (Position, String) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            return (place(mark), "not YAML: \(problem)")
        case .composer(_, let problem, let mark, _):
            let another = problem.contains("another document")
            let fault =
                another ? "a second document begins; write one document" : "not YAML: \(problem)"
            return (place(mark), fault)
        case .duplicatedKeysInMapping(let names, let context):
            let name = names.first ?? ""
            return (place(context.mark), "\(name): written more than once in one block; keep one")
        case .reader(let problem, let offset, _, _):
            return (place(of: offset ?? 0, in: text), "not YAML: \(problem)")
        default:
            return (Position(line: 1, column: 1), "not YAML")
        }
    }

    /// The place of the character at `offset`.
    private static func place(of offset: Int, in text: String) -> Position {
        let lines = text.prefix(offset).split(separator: "\n", omittingEmptySubsequences: false)
        return Position(
            line: max(1, lines.count), column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }
}

/// Copies nodes and refuses what configurations have no use for.
private struct YAMLConversion {
    let report: Report
    /// The scalars of each line, to see how a node begins.
    private let lines: [ArraySlice<Unicode.Scalar>]

    init(text: String, report: Report) {
        self.report = report
        let scalars = Array(text.replacing("\r\n", with: "\n").unicodeScalars)
        let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
        lines = scalars.split(omittingEmptySubsequences: false, whereSeparator: breaks.contains)
    }

    /// An alias shows as a second occurrence of an anchored node, so refusing anchors refuses both,
    /// and nothing below an anchor is visited: a file cannot multiply its own size.
    func convert(_ node: Node) -> YAMLValue? {
        let position = YAMLDocument.place(node.mark)
        guard node.anchor == nil else {
            report.error(
                "anchors (&) and aliases (*) are not used here; write it out", at: position)
            return nil
        }
        guard !hasTag(node, at: position) else {
            report.error("tags (!) are not used here; write the plain value", at: position)
            return nil
        }
        switch node {
        case .scalar(let scalar):
            let kind = YAMLValue.Kind.scalar(scalar.string, isPlain: scalar.style == .plain)
            return YAMLValue(position: position, kind: kind)
        case .sequence(let sequence):
            let items = sequence.map { convert($0) }
            guard !items.contains(where: { $0 == nil }) else { return nil }
            return YAMLValue(position: position, kind: .list(items.compactMap(\.self)))
        case .mapping(let mapping):
            return convert(mapping, at: position)
        case .alias:
            return nil
        }
    }

    private func convert(_ mapping: Node.Mapping, at position: Position) -> YAMLValue? {
        var entries: [YAMLValue.Entry] = []
        var complete = true
        for (key, value) in mapping {
            let keyPosition = YAMLDocument.place(key.mark)
            guard case .scalar(let name) = key, key.anchor == nil, !hasTag(key, at: keyPosition)
            else {
                report.error("a key is one plain word", at: keyPosition)
                complete = false
                continue
            }
            guard name.string != "<<" else {
                report.error("merge keys (<<) are not used here; write it out", at: keyPosition)
                complete = false
                continue
            }
            guard let converted = convert(value) else {
                complete = false
                continue
            }
            guard name.string.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
            else {
                report.error("a key is one plain word", at: keyPosition)
                complete = false
                continue
            }
            entries.append(.init(name: name.string, position: keyPosition, value: converted))
        }
        return complete ? YAMLValue(position: position, kind: .block(entries)) : nil
    }

    /// The library does not tell a written `!!map` from none, so the text does: a node with a tag
    /// begins with it. What other tags resolve to is a second look.
    private func hasTag(_ node: Node, at position: Position) -> Bool {
        guard [Tag(.str), Tag(.seq), Tag(.map)].contains(node.tag) else { return true }
        guard lines.indices.contains(position.line - 1) else { return false }
        return lines[position.line - 1].dropFirst(position.column - 1).first == "!"
    }
}
