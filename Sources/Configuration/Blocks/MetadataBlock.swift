// SPDX-License-Identifier: Apache-2.0
// What is published of an AS: `metadata` (META-02, -03, -09, -10, -11).

import Gateway
import HTTPWire

/// Reads `metadata`.
enum MetadataBlock {
    /// Largest `document_file` that is read.
    private static let sizeLimit = 1 << 20

    /// The settings; `document` is checked when the AS is known as a whole.
    static func read(_ server: Block, issuer: Issuer?) -> MetadataSettings {
        var settings = MetadataSettings()
        settings.internalHosts = internalHosts(server, issuer: issuer)
        guard let block = server["metadata"]?.block(.metadata) else { return settings }
        settings.issuer =
            block["issuer"]?.choice(MetadataSettings.IssuerHandling.self) ?? settings.issuer
        _ = block["signed"]?.choice(["drop"], planned: ["resign"])
        settings.maxAge = block["max_age"]?.seconds(in: 0...86_400) ?? settings.maxAge
        settings.staleMax = block["stale_max"]?.seconds(in: 0...604_800) ?? settings.staleMax
        settings.advertisesProofMethods = block["pop_methods"]?.flag() ?? true
        settings.urls = block["urls"].map(mappings) ?? []
        settings.document = block["document_file"]?.file(atMost: sizeLimit)
        return settings
    }

    /// META-11 and all others, for a document that stands in for the AS's.
    static func check(_ settings: ServerSettings, _ server: Block) {
        guard let document = settings.metadata.document,
            let field = server["metadata"]?.block(.metadata)?["document_file"]
        else { return }
        do throws(MetadataFault) {
            let merged = try MetadataMerge.merge(document, for: settings)
            for remark in merged.remarks { field.warn(remark) }
        } catch {
            field.fail("\(error.reason) (\(error.rule))")
        }
    }

    /// Where the AS is: no published URL names it, unless it is the public host too.
    private static func internalHosts(_ server: Block, issuer: Issuer?) -> Set<[UInt8]> {
        let schemes = ["https://", "http://"]
        var hosts: Set<[UInt8]> = []
        for key in ["upstream", "upstream_host"] {
            guard case .scalar(let text, _) = server[key]?.value.kind, !text.hasPrefix("unix:")
            else { continue }
            let scheme = schemes.first(where: text.hasPrefix) ?? ""
            let rest = text.dropFirst(scheme.count).prefix { $0 != "/" }
            guard var host = Authority(Array(rest.utf8))?.host else { continue }
            if host.first == UInt8(ascii: "[") { host = Array(host.dropFirst().dropLast()) }
            hosts.insert(host)
        }
        if let issuer { hosts.remove(issuer.authority.host) }
        return hosts
    }

    /// META-03. Internal prefixes to public ones.
    private static func mappings(_ field: Field) -> [MetadataSettings.Mapping] {
        guard case .block(let entries) = field.value.kind else {
            field.fail(
                "is \(field.value.kindName); write internal prefixes and public ones, such as "
                    + "\"http://127.0.0.1:8080\": https://as.example.com")
            return []
        }
        return entries.compactMap { entry in
            let inner = Field(
                key: "\(field.key).\(quoted(entry.name))", value: entry.value,
                reading: field.reading)
            let isURL = entry.name.hasPrefix("http://") || entry.name.hasPrefix("https://")
            guard isURL, isPrefix(entry.name) else {
                field.reading.report.error(
                    "\(inner.key): is no prefix of URLs; write it as the AS does, such as "
                        + "http://127.0.0.1:8080, without a final /", at: entry.position)
                return nil
            }
            guard let text = inner.text() else { return nil }
            guard text.hasPrefix("https://"), isPrefix(text) else {
                inner.fail(
                    "\(quoted(text)) is no public prefix; write one such as "
                        + "https://as.example.com, without a final /")
                return nil
            }
            return MetadataSettings.Mapping(
                from: Array(entry.name.utf8), to: Array(text.utf8))
        }
    }

    private static func isPrefix(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !text.hasSuffix("/")
            && !text.contains("?") && !text.contains("#")
    }
}
