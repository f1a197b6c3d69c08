// SPDX-License-Identifier: Apache-2.0
// A block of keys that is being read: known keys are handed out, all others reported.

/// The keys of one block that may be read.
struct Block {
    /// Full name of the block; empty at the top of the file.
    let key: String
    let position: Position
    let reading: Reading
    private let fields: [String: Field]
    private let refused: Set<String>

    init(
        key: String, position: Position, entries: [YAMLValue.Entry], keys: KeySet, reading: Reading
    ) {
        self.key = key
        self.position = position
        self.reading = reading
        var fields: [String: Field] = [:]
        var refused: Set<String> = []
        for entry in entries {
            let name = key.isEmpty ? entry.name : "\(key).\(entry.name)"
            if keys.built.contains(entry.name) {
                fields[entry.name] = Field(key: name, value: entry.value, reading: reading)
            } else {
                refused.insert(entry.name)
                reading.report.error(Self.refusal(entry.name, name, keys), at: entry.position)
            }
        }
        self.fields = fields
        self.refused = refused
    }

    /// The value of `name`, or nil when it is left out.
    subscript(_ name: String) -> Field? { fields[name] }

    /// The value of `name`; an error that says what to write when it is left out.
    func require(_ name: String, _ remedy: String) -> Field? {
        if let field = fields[name] {
            return field
        }
        let full = key.isEmpty ? name : "\(key).\(name)"
        reading.report.error("\(full): missing; \(remedy)", at: position)
        return nil
    }

    /// Whether `name` is in the file, though it may have been refused.
    func mentions(_ name: String) -> Bool {
        fields[name] != nil || refused.contains(name)
    }

    /// Reports an error about the block as a whole.
    func fail(_ message: String) {
        reading.report.error(key.isEmpty ? message : "\(key): \(message)", at: position)
    }

    private static func refusal(_ written: String, _ full: String, _ keys: KeySet) -> String {
        if keys.planned.contains(written) {
            return "\(full): known, but not built yet; leave it out"
        }
        let known = keys.built + keys.planned
        let other = KeySet.otherNames[written].flatMap { known.contains($0) ? $0 : nil }
        if let name = other ?? NearestName.find(written, in: known) {
            return "\(full): unknown key; did you mean \(quoted(name))?"
        }
        return "\(full): unknown key; the keys here are \(keys.built.joined(separator: ", "))"
    }
}
