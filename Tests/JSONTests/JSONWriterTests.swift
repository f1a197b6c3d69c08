// SPDX-License-Identifier: Apache-2.0
// What the writer writes is what the reader reads.

import JSON
import Octets
import Testing

@Suite struct JSONWriterTests {
    @Test("structure is written compactly, with commas where they belong")
    func structure() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("a")
        writer.number(1)
        writer.name("b")
        writer.beginArray()
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.string("x")
        writer.number(thousandths: -1005)
        writer.endArray()
        writer.name(Array("c".utf8))
        writer.raw(Array("[0]".utf8))
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":1,"b":[true,null,{},"x",-1.005],"c":[0]}"#)
    }

    @Test("every control character is escaped, and what is not UTF-8 is replaced")
    func escapes() throws {
        var writer = JSONWriter()
        writer.string(
            Array("\"\\\r\n\u{0}\u{1B}[2J\u{7F}\u{85}\u{9B}é😀".utf8) + [0xC3, 0xFF, 0x41])
        let text = writer.bytes
        #expect(!text.contains { $0 < 0x20 || $0 == 0x7F })
        #expect(
            String(decoding: text, as: UTF8.self).unicodeScalars.allSatisfy {
                $0.value < 0x7F || $0.value >= 0xA0
            })
        let value = try JSONDocument.parse(text)
        #expect(
            value.string
                == Array("\"\\\r\n\u{0}\u{1B}[2J\u{7F}\u{85}\u{9B}é😀\u{FFFD}\u{FFFD}A".utf8))
    }

    @Test("strings of all octets survive as valid JSON")
    func allOctets() throws {
        for octet in UInt8.min...UInt8.max {
            var writer = JSONWriter()
            writer.string([0x41, octet, 0x42])
            let read = try #require(try JSONDocument.parse(writer.bytes).string)
            #expect(read == (octet < 0x80 ? [0x41, octet, 0x42] : Array("A\u{FFFD}B".utf8)))
        }
    }
}
