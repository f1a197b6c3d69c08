// SPDX-License-Identifier: Apache-2.0
// What an AS may read as parameters in a body that passes unverified (EP-13, EP-15).

import ClientAttestation
import HTTPWire
import Octets

/// How the parameters of a pass-through body could be written.
enum PassThroughBody {
    /// Names and values as in a query.
    case form
    /// Names among quotes and punctuation: `multipart/form-data`, JSON.
    case text
    /// A picture, a file: nothing any platform turns into parameters. May be long.
    case opaque

    /// What `head` announces, read as leniently as the most lenient platform reads it: some take
    /// everything that begins with a form's media type for a form, some end it at a space, some
    /// take a `POST` without a type for one. Throws where the characters of the names would be
    /// in doubt (REQ-09): in another charset than ASCII's kin no name looks like itself.
    static func announced(by head: RequestHead) throws(Refusal) -> PassThroughBody {
        let types = head.fields.values(of: .contentType).map { $0.map(ASCII.lowercased) }
        guard types.contains(where: { !$0.isEmpty }) else {
            return ASCII.equalsIgnoringCase(head.method.octets, post) ? .form : .opaque
        }
        let isForm = types.contains { contains(formMark, $0) }
        let isText = types.contains { type in textMarks.contains { contains($0, type) } }
        guard isForm || isText else { return .opaque }
        guard types.count == 1, isForm != isText, types.allSatisfy(hasPlainCharset) else {
            throw Refusal(.req(9), .http(415))
        }
        return isForm ? .form : .text
    }

    /// Whether a parameter called one of `names` may be in `bytes`.
    func occur(_ names: Set<[UInt8]>, in bytes: [UInt8]) -> Bool {
        switch self {
        case .form, .opaque: LooseParameters.occur(names, in: bytes)
        case .text: LooseParameters.occur(names, amid: bytes)
        }
    }

    /// Whether `type` names no charset, or one in which ASCII looks like itself.
    private static func hasPlainCharset(_ type: [UInt8]) -> Bool {
        let named = type.split(separator: UInt8(ascii: ";")).filter {
            contains(charsetMark, Array($0))
        }
        return named.count <= 1
            && named.allSatisfy { plainCharsets.contains(Array($0.drop { $0 == 0x20 })) }
    }

    private static func contains(_ mark: [UInt8], _ value: [UInt8]) -> Bool {
        guard value.count >= mark.count else { return false }
        return (0...(value.count - mark.count)).contains { value[$0...].starts(with: mark) }
    }

    private static let post = "post".octets
    private static let formMark = "urlencoded".octets
    private static let textMarks = ["multipart".octets, "json".octets]
    private static let charsetMark = "charset".octets
    private static let plainCharsets = [
        "charset=utf-8", "charset=\"utf-8\"", "charset=iso-8859-1", "charset=us-ascii",
    ].map(\.octets)
}
