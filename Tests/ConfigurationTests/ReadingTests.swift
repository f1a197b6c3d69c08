// SPDX-License-Identifier: Apache-2.0
// What is said about files that are not what they should be, word for word and to the column.

import Configuration
import Testing

/// A file and everything that must be said about it.
struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    let yaml: String
    let remarks: [String]

    init(_ name: String, _ yaml: String, _ remarks: String...) {
        self.name = name
        self.yaml = yaml
        self.remarks = remarks
    }

    var testDescription: String { name }

    static let syntax = [
        Golden("empty file", "", "1:1: the file is empty; see conf/minimal.yaml for a start"),
        Golden(
            "only a comment", "# nothing\n",
            "1:1: the file is empty; see conf/minimal.yaml for a start"),
        Golden("a list", "- a\n", "1:1: the file is a list; write keys such as listeners:"),
        Golden(
            "a word", "hello\n", "1:1: the file is a single value; write keys such as listeners:"),
        Golden(
            "a tab", "log:\n\tlevel: info\n",
            "2:1: not YAML: found character that cannot start any token"),
        Golden(
            "unclosed list", "listeners: [a\nlog: {}\n",
            "2:4: not YAML: did not find expected ',' or ']'"),
        Golden(
            "two documents", Sample.base + "---\nlog: {}\n",
            "16:1: a second document begins; write one document"),
        Golden(
            "a key twice", Sample.base + "log: { level: info, level: debug }\n",
            "16:8: level: written more than once in one block; keep one"),
        Golden(
            "an anchor and an alias",
            Sample.edited("{ token: /token }", "&e { token: /token }").replacing(
                "master.key }", with: "master.key, x: *e }"),
            "6:16: anchors (&) and aliases (*) are not used here; write it out"),
        Golden("an unknown alias", "log: *nothing\n", "1:6: not YAML: found undefined alias"),
        Golden(
            "a tag", Sample.base + "log: { access: !!bool true }\n",
            "16:16: tags (!) are not used here; write the plain value"),
        Golden(
            "a tag of its own", Sample.base + "log: !log { access: true }\n",
            "16:6: tags (!) are not used here; write the plain value"),
        Golden(
            "a merge key", Sample.base + "log: { <<: { access: true } }\n",
            "16:8: merge keys (<<) are not used here; write it out"),
        Golden(
            "a key that is a list", Sample.base + "[log]: true\n", "16:1: a key is one plain word"),
    ]

    static let names = [
        Golden(
            "a slip", Sample.edited("    upstream: http", "    upsteam: http"),
            "4:5: authorization_servers[0].upstream: missing; write where the AS listens, such as http://127.0.0.1:8080 or unix:/run/as.sock",
            "5:5: authorization_servers[0].upsteam: unknown key; did you mean \"upstream\"?"),
        Golden(
            "a swap", Sample.base + "log: { levle: info }\n",
            "16:8: log.levle: unknown key; did you mean \"level\"?"),
        Golden(
            "another name for it", Sample.edited(adding: "legacy_clients: [a]"),
            "6:5: authorization_servers[0].legacy_clients: unknown key; did you mean \"unattested_clients\"?"
        ),
        Golden(
            "a name near one that is not built", Sample.edited(adding: "metdata: {}"),
            "6:5: authorization_servers[0].metdata: unknown key; did you mean \"metadata\"?"),
        Golden(
            "nothing like it", Sample.base + "log: { xyzzy: 1 }\n",
            "16:8: log.xyzzy: unknown key; the keys here are level, format, access, remote"),
        Golden(
            "a word near a known one", Sample.base + "log: { level: warn }\n",
            "16:15: log.level: \"warn\" is unknown; write debug, info, warning or error"),
        Golden(
            "a word that is not built",
            Sample.edited("state_directory: .", "store: redis, state_directory: ."),
            "15:18: replay.store: redis is not built yet; write memory"),
        Golden(
            "a profile that is not built",
            Sample.edited(adding: "profiles: [abca-11, haip, abca-12]"),
            "6:25: authorization_servers[0].profiles[1]: haip is not built yet; write \(profiles)",
            "6:31: authorization_servers[0].profiles[2]: \"abca-12\" is unknown (did you mean \"abca-10\"?); write \(profiles)"
        ),
    ]

    private static let profiles =
        "abca-05, abca-06, abca-07, abca-08, abca-09, abca-10 or abca-11"

    static let values = [
        Golden(
            "several faults at once",
            Sample.edited("127.0.0.1:0", "localhost:80").replacing(
                "as.example.com", with: "as.example.com#"
            )
            .replacing("{ state_directory: . }", with: "{ state_directory: ., capacity: many }"),
            "2:14: listeners[0].address: \"localhost:80\" is no address; write a numeric host and a port, such as \"0.0.0.0:443\" or \"[::]:443\", or unix:/path",
            "4:13: authorization_servers[0].issuer: \"https://as.example.com#\" has a fragment (CFG-01); write it as clients know it, such as https://as.example.com",
            "15:41: replay.capacity: \"many\" does not fit; write a whole number, 1000 to 1000000000"
        ),
        Golden(
            "an empty value", Sample.base + "workers:\n",
            "16:9: workers: has no value; write one, or leave the key out"),
        Golden(
            "null", Sample.base + "workers: null\n",
            "16:10: workers: has no value; write one, or leave the key out"),
        Golden(
            "a list for a value", Sample.base + "workers: [1]\n",
            "16:10: workers: is a list; write a single value"),
        Golden(
            "a value for a block", Sample.base + "log: info\n",
            "16:6: log: is a single value; write a block of keys: level, format, access, remote"),
        Golden(
            "a value for a list", Sample.edited("clients: [c1]", "clients: c1"),
            "10:18: authorization_servers[0].attesters[0].clients: is a single value; write a list, such as [a, b]"
        ),
        Golden(
            "yes is not true", Sample.base + "log: { access: yes }\n",
            "16:16: log.access: is neither; write true or false"),
        Golden(
            "a quoted true", Sample.base + "log: { access: \"true\" }\n",
            "16:16: log.access: is neither; write true or false"),
        Golden(
            "a duration without unit", Sample.base + "shutdown: { drain: 30 }\n",
            "16:20: shutdown.drain: \"30\" is no duration; write a number and ms, s, m or h, such as 90s"
        ),
        Golden(
            "a duration out of range", Sample.base + "shutdown: { drain: 2h }\n",
            "16:20: shutdown.drain: 2h does not fit; write 0s to 1h"),
        Golden(
            "half a second", Sample.edited(adding: "challenge: { lifetime: 500ms }"),
            "6:28: authorization_servers[0].challenge.lifetime: 500ms does not fit; write whole seconds, 1s to 1h"
        ),
        Golden(
            "a duration too long for a machine word",
            Sample.base + "shutdown: { drain: 99999999999999999999h }\n",
            "16:20: shutdown.drain: \"99999999999999999999h\" is no duration; write a number and ms, s, m or h, such as 90s"
        ),
        Golden(
            "a size without unit", Sample.base + "limits: { body: 65536 }\n",
            "16:17: limits.body: \"65536\" is no size; write a number and B, KiB, MiB or GiB, such as 64KiB"
        ),
        Golden(
            "a size out of range", Sample.base + "limits: { body: 1GiB }\n",
            "16:17: limits.body: 1GiB does not fit; write 1KiB to 16MiB"),
        Golden(
            "HTTP-16: a field longer than its section", Sample.base + "limits: { field: 128KiB }\n",
            "16:18: limits.field: one field may be longer than the whole section; make header_section the larger"
        ),
        Golden(
            "a number with a sign", Sample.base + "rate_limits: { challenge: -1 }\n",
            "16:27: rate_limits.challenge: \"-1\" does not fit; write a whole number, 1 to 1000000"),
        Golden(
            "workers", Sample.base + "workers: 0\n",
            "16:10: workers: \"0\" does not fit; write auto or a number, 1 to 256"),
        Golden(
            "one item twice", Sample.edited("clients: [c1]", "clients: [c1, c1]"),
            "10:23: authorization_servers[0].attesters[0].clients[1]: \"c1\" is listed twice; keep one"
        ),
        Golden(
            "an empty list", Sample.edited(adding: "profiles: []"),
            "6:15: authorization_servers[0].profiles: is empty; list at least one profile"),
    ]
}

@Suite struct ReadingTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    @Test(
        "A file that is not one plain YAML document is refused at the right place",
        arguments: Golden.syntax)
    func syntax(golden: Golden) throws {
        try #expect(workspace.remarks(golden.yaml) == golden.remarks)
    }

    @Test(
        "Names that are not known are refused, with the one that was meant", arguments: Golden.names
    )
    func names(golden: Golden) throws {
        try #expect(workspace.remarks(golden.yaml) == golden.remarks)
    }

    @Test("Values that do not fit are refused, with what to write", arguments: Golden.values)
    func values(golden: Golden) throws {
        try #expect(workspace.remarks(golden.yaml) == golden.remarks)
    }

    @Test("A file that is absent, a folder or too large is refused")
    func files() throws {
        for path in [workspace.folder + "/absent.yaml", workspace.folder] {
            guard case .failure(let errors) = ConfigurationLoader.load(path: path) else {
                Issue.record("\(path) was loaded")
                continue
            }
            #expect(errors.diagnostics.count == 1)
            #expect(errors.description.hasPrefix("\(path):1:1: "))
        }
        let large = Sample.base + String(repeating: "# more\n", count: 150_000)
        try #expect(workspace.remarks(large).count == 1)
    }

    @Test("Octets that are not UTF-8 are refused")
    func encoding() throws {
        try workspace.write("gate.yaml", "")
        let path = workspace.folder + "/latin.yaml"
        try workspace.write(
            "latin.yaml", octets: Array("log: { level: ".utf8) + [0xE9, 0x20, 0x7D])
        guard case .failure(let errors) = ConfigurationLoader.load(path: path) else {
            Issue.record("the file was loaded")
            return
        }
        #expect(errors.description == "\(path):1:1: the file is not UTF-8; save it as UTF-8")
    }

    @Test("An alias cannot multiply the file")
    func multiplication() throws {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(items)]\n"
        }
        try #expect(workspace.remarks(yaml).allSatisfy { $0.contains("aliases (*)") })
    }

    @Test("Nesting without end is refused", arguments: ["[", "{a: ", "- "])
    func nesting(opening: String) throws {
        let remarks = try workspace.remarks(String(repeating: opening, count: 20_000))
        #expect(remarks.count == 1)
        #expect(remarks.first?.contains("not YAML") == true)
    }
}
