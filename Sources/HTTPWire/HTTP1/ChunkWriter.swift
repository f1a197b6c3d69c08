// SPDX-License-Identifier: Apache-2.0
// Content to chunks.

/// Frames content of unknown length (RFC 9112 section 7.1).
public enum ChunkWriter {
    /// The last chunk and an empty trailer.
    public static let end = Array("0\r\n\r\n".utf8)

    /// One chunk with `content`; nothing for no content, since an empty chunk ends the body.
    public static func chunk(_ content: [UInt8]) -> [UInt8] {
        if content.isEmpty { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count + 20)
        bytes.append(contentsOf: String(content.count, radix: 16).utf8)
        bytes.append(0x0D)
        bytes.append(0x0A)
        bytes += content
        bytes.append(0x0D)
        bytes.append(0x0A)
        return bytes
    }
}
