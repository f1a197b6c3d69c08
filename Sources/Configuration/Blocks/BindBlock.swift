// SPDX-License-Identifier: Apache-2.0
// The `bind` block of an AS: what is sealed for attested clients, and what else is taken from them.

import Gateway
import Octets

/// Reads `bind`.
enum BindBlock {
    /// BIND-04: how far ahead the end of adoption may lie, in seconds.
    private static let longestAdoption: Int64 = 180 * 86_400

    static func read(_ server: Block) -> BindingSettings {
        var settings = BindingSettings()
        guard let block = server["bind"]?.block(.bind) else { return settings }
        settings.legacyRefresh =
            block["legacy_refresh"].flatMap { legacyRefresh($0) } ?? settings.legacyRefresh
        settings.sameAttester = block["same_attester"]?.flag() ?? settings.sameAttester
        settings.sealsDeviceCodes = block["device_code"]?.flag() ?? settings.sealsDeviceCodes
        settings.sealsAuthenticationRequests =
            block["auth_req_id"]?.flag() ?? settings.sealsAuthenticationRequests
        return settings
    }

    /// `reject`, or `adopt-unrecorded` and a date.
    private static func legacyRefresh(_ field: Field) -> BindingSettings.LegacyRefresh? {
        guard let text = field.text() else { return nil }
        let words = text.split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("reject", 1): return .reject
        case ("adopt-until", _):
            field.fail(
                "a store that remembers who was first is not built yet; write adopt-unrecorded and "
                    + "the date, if you accept that a stolen token may be adopted (BIND-04)")
        case ("adopt-unrecorded", 2): return adoption(until: words[1], field)
        default:
            field.fail(
                "\(quoted(text)) is neither reject nor adopt-unrecorded with the date that ends "
                    + "it, such as adopt-unrecorded 2027-03-31 (BIND-04)")
        }
        return nil
    }

    private static func adoption(
        until text: String, _ field: Field
    ) -> BindingSettings.LegacyRefresh? {
        guard let end = Field.moment(Array(text.utf8)) else {
            field.fail("\(quoted(text)) is no date or time; write it as 2027-03-31 (BIND-04)")
            return nil
        }
        guard end <= field.reading.now + longestAdoption else {
            field.fail("\(text) is more than 180 days ahead; write a nearer date (BIND-04)")
            return nil
        }
        if end <= field.reading.now {
            field.warn("is over: unsealed refresh tokens are refused; write reject (BIND-04)")
        } else {
            field.warn(
                "until then any instance of a client may bring any unsealed refresh token of it, "
                    + "stolen ones too (BIND-04)")
        }
        return .adoptUnrecorded(until: end)
    }
}
