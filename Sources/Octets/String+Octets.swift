// SPDX-License-Identifier: Apache-2.0
// Text of the program as the octets that go over the wire.

extension String {
    /// The UTF-8 octets. For text written in the source; received text is octets from the start.
    public var octets: [UInt8] { Array(utf8) }
}
