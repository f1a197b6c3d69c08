// SPDX-License-Identifier: Apache-2.0
// An answer that the gateway makes itself, before it becomes octets.

import HTTPWire
import Octets

/// Status, fields and a whole body.
struct Reply {
    var status: Int
    private(set) var fields: [(name: FieldName, value: [UInt8])] = []
    var body: [UInt8]

    init(_ status: Int, body: [UInt8] = []) {
        self.status = status
        self.body = body
    }

    /// An answer whose body has a media type.
    init(_ status: Int, type: String, body: [UInt8]) {
        self.init(status, body: body)
        add(.contentType, type)
    }

    /// Appends a field.
    mutating func add(_ name: FieldName, _ value: [UInt8]) {
        fields.append((name, value))
    }

    /// Appends a field whose value is the program's own text.
    mutating func add(_ name: FieldName, _ value: String) {
        fields.append((name, value.octets))
    }
}
