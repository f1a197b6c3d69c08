// SPDX-License-Identifier: Apache-2.0
// Whether a body is a form (REQ-09).

import Octets

/// REQ-09. The one media type of protected requests.
public enum ContentType {
    /// Whether the value is `application/x-www-form-urlencoded`, with no parameter but one
    /// `charset` of `utf-8`, any case, quoted or not.
    public static func isForm(_ value: [UInt8]) -> Bool {
        var parts = value.split(
            separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)[...]
        guard let type = parts.popFirst(),
            ASCII.equalsIgnoringCase(trimmingWhitespace(type), formType)
        else { return false }
        var charsets = 0
        for part in parts {
            let parameter = trimmingWhitespace(part)
            // RFC 9110 section 5.6.6 allows a parameter to be left out after its semicolon.
            if parameter.isEmpty { continue }
            guard let equals = parameter.firstIndex(of: UInt8(ascii: "=")),
                ASCII.equalsIgnoringCase(parameter[..<equals], charset),
                isUTF8Name(parameter[(equals + 1)...])
            else { return false }
            charsets += 1
        }
        return charsets <= 1
    }

    /// Whether there is exactly one `Content-Type` and it is a form's.
    public static func isForm(in fields: Fields) -> Bool {
        fields.single(.contentType).map(isForm) ?? false
    }

    /// Whether the value has the media type of a form, whatever its parameters: what a lenient
    /// server behind would read as one (EP-13).
    public static func mayBeForm(_ value: [UInt8]) -> Bool {
        let end = value.firstIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: ",") }
        return ASCII.equalsIgnoringCase(
            trimmingWhitespace(value[..<(end ?? value.count)]), formType)
    }

    private static func isUTF8Name(_ value: ArraySlice<UInt8>) -> Bool {
        if value.count >= 2, value.first == 0x22, value.last == 0x22 {
            return ASCII.equalsIgnoringCase(value.dropFirst().dropLast(), utf8)
        }
        return ASCII.equalsIgnoringCase(value, utf8)
    }

    private static let formType = Array("application/x-www-form-urlencoded".utf8)
    private static let charset = Array("charset".utf8)
    private static let utf8 = Array("utf-8".utf8)
}
