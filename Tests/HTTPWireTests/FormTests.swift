// SPDX-License-Identifier: Apache-2.0
// Forms: reading, the names that may stand beside each other, writing.

import HTTPWire
import Octets
import Testing

@Suite("Forms")
struct FormTests {
    private static let names = ProtocolNames([
        octets("client_id"), octets("grant_type"), octets("code_verifier"), octets("scope"),
    ])

    /// `name=value` with a bar between pairs, or the rule that was broken.
    private func reading(_ body: [UInt8]) -> String {
        do throws(FormViolation) {
            let form = try Form.parse(body)
            try form.check(Self.names)
            return form.pairs.map { text($0.name) + "=" + text($0.value) }.joined(separator: "|")
        } catch {
            return error.rule.description
        }
    }

    @Test(
        "REQ-09: only a form content type is one",
        arguments: [
            ("application/x-www-form-urlencoded", true),
            ("Application/X-WWW-Form-URLencoded", true),
            ("application/x-www-form-urlencoded;charset=utf-8", true),
            ("application/x-www-form-urlencoded; charset=UTF-8", true),
            ("application/x-www-form-urlencoded ;\tCharset=\"Utf-8\"", true),
            ("application/x-www-form-urlencoded;", true),
            ("application/json", false), ("multipart/form-data", false), ("", false),
            ("application/x-www-form-urlencoded; charset=utf-16", false),
            ("application/x-www-form-urlencoded; charset=utf8", false),
            ("application/x-www-form-urlencoded; charset=", false),
            ("application/x-www-form-urlencoded; charset=\"utf-8", false),
            ("application/x-www-form-urlencoded; charset='utf-8'", false),
            ("application/x-www-form-urlencoded; charset = utf-8", false),
            ("application/x-www-form-urlencoded; charset=utf-8; charset=utf-8", false),
            ("application/x-www-form-urlencoded; boundary=x", false),
            ("application/x-www-form-urlencoded; charset", false),
            ("application/x-www-form-urlencoded, application/json", false),
            ("application/x-www-form-urlencodedx", false),
            ("text/plain; application/x-www-form-urlencoded", false),
        ])
    func contentType(_ value: String, _ isForm: Bool) {
        #expect(ContentType.isForm(octets(value)) == isForm)
    }

    @Test("REQ-09: exactly one content type")
    func oneContentType() {
        var fields = Fields()
        #expect(!ContentType.isForm(in: fields))
        fields.append(name: .contentType, value: octets("application/x-www-form-urlencoded"))
        #expect(ContentType.isForm(in: fields))
        fields.append(name: .contentType, value: octets("application/x-www-form-urlencoded"))
        #expect(!ContentType.isForm(in: fields))
    }

    @Test("REQ-09: what a lenient server might read as a form is noticed too")
    func lenientContentType() {
        for value in [
            "application/x-www-form-urlencoded; charset=utf-16",
            "application/X-www-form-urlencoded , a/b",
        ] {
            #expect(ContentType.mayBeForm(octets(value)))
        }
        #expect(!ContentType.mayBeForm(octets("application/json")))
        #expect(!ContentType.mayBeForm([]))
    }

    @Test(
        "REQ-10: names and values are decoded, anything doubtful is refused",
        arguments: [
            ("client%5Fid=a", "client_id=a"), ("a=b&c=d", "a=b|c=d"), ("a=b=c", "a=b=c"),
            ("a", "a="), ("a=", "a="), ("a+b=c+d%2Be", "a b=c d+e"), ("a=%C3%a9", "a=\u{E9}"),
            ("", ""), ("a=%0d%0ax", "a=\r\nx"), ("a=%26%3D%3b", "a=&=;"),
            ("client_id=%zz", "REQ-10"), ("client_id=%", "REQ-10"), ("client_id=%4", "REQ-10"),
            ("client_id=%4&a=b", "REQ-10"), ("%zz=a", "REQ-10"), ("client_id=a%00b", "REQ-10"),
            ("a%00b=c", "REQ-10"), ("a=\u{0}", "REQ-10"), ("a;client_id=b", "REQ-10"),
            ("x=a;client_id=b", "REQ-10"), ("a=%ff", "REQ-10"), ("a=%C0%AF", "REQ-10"),
            ("a=%ED%A0%80", "REQ-10"), ("%C3=%A9", "REQ-10"), ("=a", "REQ-10"), ("&", "REQ-10"),
            ("a=b&", "REQ-10"), ("&a=b", "REQ-10"), ("a=b&&c=d", "REQ-10"), ("=", "REQ-10"),
        ])
    func decoding(_ body: String, _ outcome: String) { #expect(reading(octets(body)) == outcome) }

    @Test("REQ-10: names of 128 octets and 128 parameters pass, more is refused")
    func limits() {
        let name = String(repeating: "n", count: 128)
        #expect(reading(octets(name + "=x")) == name + "=x")
        #expect(reading(octets(name + "n=x")) == "REQ-10")
        #expect(reading(octets(String(repeating: "%6E", count: 129))) == "REQ-10")
        let pairs = (1...128).map { "p\($0)=x" }
        #expect(reading(octets(pairs.joined(separator: "&"))) == pairs.joined(separator: "|"))
        #expect(reading(octets((pairs + ["q=x"]).joined(separator: "&"))) == "REQ-10")
        #expect(reading([0x61, 0x3D, 0xFF]) == "REQ-10")
        #expect(reading([0x61, 0x3D, 0xC3]) == "REQ-10")
    }

    @Test(
        "REQ-11: no name repeats but resource and audience, empty values count",
        arguments: [
            ("client_id=a&client%5fid=a", "REQ-11"), ("grant_type=a&grant_type=b", "REQ-11"),
            ("client_id=&client_id=a", "REQ-11"), ("client_id=a&client_id=", "REQ-11"),
            ("foo=1&foo=2", "REQ-11"), ("foo.bar=1&foo_bar=2", "REQ-11"), ("foo=1&FOO=2", "REQ-11"),
            ("foo=1&+foo=2", "REQ-11"), ("resource=a&Resource=b", "REQ-11"),
            ("Resource=a&resource=b", "REQ-11"),
            ("Resource=a&Resource=b", "REQ-11"),
            (
                "resource=a&resource=b&audience=c&audience=d",
                "resource=a|resource=b|audience=c|audience=d"
            ),
            ("foo=1&food=2", "foo=1|food=2"),
        ])
    func duplicates(_ body: String, _ outcome: String) { #expect(reading(octets(body)) == outcome) }

    @Test(
        "REQ-21: no name that folds onto a protocol parameter",
        arguments: [
            ("client.id=victim", "REQ-21"), ("client[id=victim", "REQ-21"),
            ("CLIENT_ID=", "REQ-21"),
            ("%20client_id=", "REQ-21"), ("+client_id=", "REQ-21"), ("client_id[]=", "REQ-21"),
            ("code.verifier=", "REQ-21"), ("foo]=", "REQ-21"), ("foo%5B=", "REQ-21"),
            ("client%C3id=x", "REQ-10"), ("client-id=x", "REQ-21"), ("Scope=x", "REQ-21"),
            ("client_id=a&client.id=b", "REQ-21"), ("client+id=a", "REQ-21"),
            ("client__id=a", "client__id=a"), ("client_id+=a", "client_id =a"),
        ])
    func folding(_ body: String, _ outcome: String) { #expect(reading(octets(body)) == outcome) }

    @Test("REQ-21: the one-call form of the check is the same check")
    func checkOnce() throws {
        let form = try Form.parse(octets("Client_id=x"))
        #expect(throws: FormViolation(rule: .req(21))) {
            try form.check(protocolNames: [octets("client_id")])
        }
        try form.check(protocolNames: [])
    }

    @Test("REQ-11: an empty value is as good as none")
    func empty() throws {
        let form = try Form.parse(octets("a=&b=c"))
        #expect(form.value(of: "a") == nil && form.has("a"))
        #expect(form.value(of: "b") == octets("c") && !form.has("c"))
    }

    @Test("FWD-06: one canonical encoding whatever the client's was")
    func encoding() throws {
        for body in ["scope=a+b&c%64=%7e%2A", "%73cope=a%20b&cd=~*", "scope=a+b&cd=%7E%2a"] {
            #expect(text(try Form.parse(octets(body)).encode()) == "scope=a+b&cd=%7E*")
        }
        let all = Form([.init(name: octets("n"), value: Array(1...127))])
        #expect(try Form.parse(all.encode()) == all)
        #expect(
            text(Form([.init(name: octets("a=b&c"), value: octets("d;e\r\n%"))]).encode())
                == "a%3Db%26c=d%3Be%0D%0A%25")
    }

    @Test("FWD-06: a name is set exactly once, in the place it first had")
    func set() {
        func pairs(_ names: String...) -> Form {
            Form(names.map { .init(name: octets($0), value: octets("1")) })
        }
        var form = pairs("a", "client_id", "b", "client_id", "c")
        form.set(octets("client_id"), octets("https://x"))
        #expect(text(form.encode()) == "a=1&client_id=https%3A%2F%2Fx&b=1&c=1")
        var other = pairs("a")
        other.set(octets("client_id"), octets("x"))
        #expect(text(other.encode()) == "a=1&client_id=x")
        form.remove(octets("client_id"))
        #expect(text(form.encode()) == "a=1&b=1&c=1")
        var last = pairs("client_id")
        last.set(octets("client_id"), octets("x"))
        #expect(text(last.encode()) == "client_id=x")
        #expect(Form().encode().isEmpty)
    }
}
