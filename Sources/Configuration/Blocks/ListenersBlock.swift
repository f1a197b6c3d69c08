// SPDX-License-Identifier: Apache-2.0
// The `listeners` list: addresses, certificates, permissions of Unix sockets.

import Cryptography
import EventLoop
import Gateway
import Octets

/// Reads `listeners`.
enum ListenersBlock {
    static func read(_ top: Block) -> [ListenerSettings] {
        let remedy = "list where clients connect, such as [{ address: \"127.0.0.1:8080\" }]"
        guard let items = top.require("listeners", remedy)?.someItems("at least one address") else {
            return []
        }
        var addresses: [String: String] = [:]
        return items.compactMap { item in
            guard let block = item.block(.listener), let settings = listener(block) else {
                return nil
            }
            let address = settings.address.description
            if let first = addresses[address], settings.address.portOrNil != 0 {
                item.fail("listens on \(address) like \(first); keep one")
            }
            addresses[address] = item.key
            return settings
        }
    }

    private static func listener(_ block: Block) -> ListenerSettings? {
        let remedy = "write host:port, [v6]:port or unix:/path"
        let field = block.require("address", remedy)
        let tls = block["tls"].flatMap(context)
        guard let field, let address = address(field) else { return nil }
        var settings = ListenerSettings(address: address, tls: tls)
        if case .unix = address {
            settings.unixMode = block["mode"].flatMap(mode) ?? settings.unixMode
        } else {
            block["mode"]?.fail("counts for Unix sockets only; leave it out")
            if !block.mentions("tls"), !isLoopback(address) {
                field.warn(
                    "serves plain HTTP on an address that others can reach; add tls, or let only "
                        + "what ends TLS reach it"
                )
            }
        }
        return settings
    }

    private static func address(_ field: Field) -> SocketAddress? {
        guard let text = field.text() else { return nil }
        guard text.hasPrefix("unix:") else {
            guard let address = SocketAddress(text) else {
                field.fail(
                    "\(quoted(text)) is no address; write a numeric host and a port, such as "
                        + "\"0.0.0.0:443\" or \"[::]:443\", or unix:/path"
                )
                return nil
            }
            return address
        }
        return unixAddress(text, field)
    }

    /// `unix:/path`, also with a path relative to the configuration file.
    static func unixAddress(_ text: String, _ field: Field) -> SocketAddress? {
        let path = String(text.dropFirst("unix:".count))
        guard !path.isEmpty, let address = SocketAddress("unix:" + field.reading.resolve(path))
        else {
            field.fail(
                "\(quoted(text)) is no Unix socket; write unix: and a path of at most 107 octets")
            return nil
        }
        return address
    }

    private static func isLoopback(_ address: SocketAddress) -> Bool {
        let octets = address.addressOctets
        return octets.count == 4
            ? octets.first == 127 : octets == Array(repeating: 0, count: 15) + [1]
    }

    private static func mode(_ field: Field) -> UInt16? {
        guard let text = field.text() else { return nil }
        guard (3...4).contains(text.utf8.count), let mode = UInt16(text, radix: 8), mode <= 0o777
        else {
            field.fail("\(quoted(text)) is no file mode; write it in octal, such as 0660")
            return nil
        }
        return mode
    }

    private static func context(_ field: Field) -> TLSServerContext? {
        guard let block = field.block(.tls) else { return nil }
        let certificate = block.require("certificate", "name the PEM file of the certificate chain")
        let key = block.require("private_key", "name the PEM file of the private key")
        let chain = certificate?.file(atMost: 1 << 20)
        let secret = key?.secretFile(atMost: 1 << 16)
        guard let certificate, let key, let chain, let secret else { return nil }
        do throws(TLSConfigurationError) {
            let context = try TLSServerContext(
                certificateChain: chain, privateKey: secret,
                certificateName: certificate.fileName, keyName: key.fileName)
            warnBeforeExpiry(context, certificate)
            return context
        } catch {
            certificate.fail(error.description)
            return nil
        }
    }

    private static func warnBeforeExpiry(_ context: TLSServerContext, _ certificate: Field) {
        let left = context.notAfter.seconds - certificate.reading.now.seconds
        let day: Int64 = 86_400
        if left < 0 {
            certificate.warn("the certificate has expired; clients will refuse it")
        } else if left < 14 * day {
            certificate.warn("the certificate expires in \(left / day) days; renew it")
        }
    }
}
