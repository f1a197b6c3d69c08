// SPDX-License-Identifier: Apache-2.0
// One question to the AS for its metadata, and what counts as an answer (META-11).

import ClientAttestation
import HTTPWire
import Octets

/// Why there is no document to publish.
enum MetadataFailure: Error, Equatable {
    /// The AS could not be reached, or its answer is no HTTP.
    case upstream(UpstreamFailure)
    /// Its answer is nothing that can be published.
    case fault(MetadataFault)

    /// 502 or 504; the rule is for the log.
    var refusal: Refusal {
        switch self {
        case .upstream(let failure): failure.refusal
        case .fault(let fault): Refusal(fault.rule, .upstream)
        }
    }

    /// Whether waiting does not help (CFG-01).
    var isContradiction: Bool {
        if case .fault(let fault) = self { fault.isContradiction } else { false }
    }

    /// For the operator.
    var reason: String {
        switch self {
        case .upstream(.unreachable): "the AS can't be reached"
        case .upstream(.timedOut): "the AS does not answer in time"
        case .upstream(.broken): "the AS ended the connection within its answer"
        case .upstream(.malformed): "the AS's answer is no strict HTTP"
        case .fault(let fault): fault.reason
        }
    }
}

/// Asks for documents.
enum MetadataFetch {
    /// Longest document that is read, in octets.
    private static let sizeLimit = 1 << 20

    /// The octets of the document at `path`; nil if the AS says that there is none.
    static func document(
        at path: [UInt8], of server: ProtectedServer, from pool: UpstreamPool
    ) async throws(MetadataFailure) -> [UInt8]? {
        let connection: UpstreamConnection
        do { connection = try await pool.checkOut() } catch { throw .upstream(error) }
        connection.write(request(path, server))
        do throws(MetadataFailure) {
            let head: ResponseHead
            do { head = try await connection.readHead(method: .get) } catch {
                throw .upstream(error)
            }
            let body = try await body(of: head, on: connection)
            pool.checkIn(connection)
            return body
        } catch {
            // What is left of the answer must not become the answer to the next request.
            pool.discard(connection)
            throw error
        }
    }

    private static func request(_ path: [UInt8], _ server: ProtectedServer) -> [UInt8] {
        var writer = HeadWriter(reserving: 512)
        writer.requestLine(method: .get, target: path)
        writer.field(.host, server.settings.upstream.host)
        writer.field(.accept, "application/json")
        writer.field(.acceptEncoding, "identity")
        // An AS that derives its issuer from the request needs the public one (FWD-12).
        writer.fields(server.originFields)
        writer.end()
        return writer.bytes
    }

    private static func body(
        of head: ResponseHead, on connection: UpstreamConnection
    ) async throws(MetadataFailure) -> [UInt8]? {
        let isNone = head.status == 404 || head.status == 410
        if !isNone { try requireDocument(head) }
        if case .length(let length) = head.framing { try requireSize(length) }
        var body: [UInt8] = []
        while true {
            do {
                guard let part = try await connection.nextBodyPart() else { break }
                body += part
            } catch {
                throw .upstream(error)
            }
            try requireSize(body.count)
        }
        return isNone ? nil : body
    }

    private static func requireSize(_ size: Int) throws(MetadataFailure) {
        if size > sizeLimit { throw .fault(.garbage("the document is longer than 1 MiB")) }
    }

    /// RFC 8414 section 3.2: 200 and JSON, as it is, from where it was asked for.
    private static func requireDocument(_ head: ResponseHead) throws(MetadataFailure) {
        guard head.status == 200 else {
            throw .fault(.garbage("the AS answers \(head.status); redirections are not followed"))
        }
        let type = head.fields.single(.contentType) ?? []
        let name = type.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
        guard ASCII.equalsIgnoringCase(name, json) else {
            throw .fault(.garbage("the AS answers \(MetadataFault.shown(type)), not JSON"))
        }
        for coding in head.fields.values(of: .contentEncoding)
        where !ASCII.equalsIgnoringCase(coding, identity) {
            throw .fault(.garbage("the AS compresses though it was asked not to"))
        }
    }

    private static let json = "application/json".octets
    private static let identity = "identity".octets
}
