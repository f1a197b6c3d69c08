// SPDX-License-Identifier: Apache-2.0
// TLS as other programs see it: versions, goodbye, truncation, renegotiation, wrong configuration.
import Cryptography
import Glibc
import Octets
import Testing

@testable import EventLoop

@Suite struct TLSTests {
    @Test("HTTP-18: TLS 1.2 and 1.3 are spoken, octets go both ways", arguments: ["1_2", "1_3"])
    func versions(version: String) async throws {
        let server = try await TLSEchoServer()
        let client = try server.connect(["-tls\(version)", "-alpn", "http/1.1"])
        client.write("hello there\n")
        #expect(client.waitFor("echo:hello there"))
        #expect(client.contains("ALPN protocol: http/1.1"))
        client.closeInput()
        #expect(await server.nextEnd() == "clean TLSv\(version == "1_2" ? "1.2" : "1.3")")
        #expect(client.exitStatus() == 0)
        server.stop()
    }

    /// Handshake records of a client that knows nothing better than the version; each ends up with
    /// the alert protocol_version (70). Written by hand, so that no policy of a client interferes.
    @Test(
        "HTTP-18: a client that offers nothing above TLS 1.1 is refused",
        arguments: [1, 2] as [UInt8])
    func oldVersions(minor: UInt8) async throws {
        let server = try await TLSEchoServer()
        var hello: [UInt8] = [3, minor] + [UInt8](repeating: 7, count: 32) + [0]
        hello += [0, 6, 0xC0, 0x13, 0xC0, 0x14, 0, 0x2F] + [1, 0]
        let handshake = [1, 0, 0, UInt8(hello.count)] + hello
        let record = [22, 3, minor, 0, UInt8(handshake.count)] + handshake
        try await withLoop { loop in
            let client = try await ByteStream.connect(
                to: server.address, on: loop, deadline: .after(patience))
            client.write(record)
            let alert = try await client.read(exactly: 7)
            #expect(alert[0] == 21 && Array(alert[5...]) == [2, 70])
            client.abort()
        }
        #expect(await server.nextEnd().hasPrefix("tls"))
        server.stop()
    }

    @Test("a stream closed by us says close_notify", arguments: ["1_2", "1_3"])
    func closeNotify(version: String) async throws {
        let server = try await TLSEchoServer()
        let client = try server.connect(["-tls\(version)", "-msg"])
        client.write("bye\n")
        #expect(client.waitFor("Alert [length 0002], warning close_notify"))
        #expect(client.contains("echo:bye"))
        #expect(client.exitStatus() == 0)
        server.stop()
    }

    @Test("a client that vanishes without close_notify is a truncation, not an end")
    func truncation() async throws {
        let server = try await TLSEchoServer()
        let client = try server.connect([])
        client.write("part\n")
        #expect(client.waitFor("echo:part"))
        client.kill()
        #expect(await server.nextEnd() == "truncated")
        server.stop()
    }

    @Test("HTTP-18: renegotiation is refused")
    func renegotiation() async throws {
        let server = try await TLSEchoServer()
        let client = try server.connect(["-tls1_2"])
        client.write("first\n")
        #expect(client.waitFor("echo:first"))
        client.write("R\n")
        client.write("second\n")
        #expect(client.waitFor("no renegotiation"))
        #expect(!client.contains("echo:second"))
        server.stop()
    }

    @Test("HTTP-18: no ticket allows early data")
    func earlyData() async throws {
        let server = try await TLSEchoServer()
        let session = server.certificate.directory.file("session")
        let client = try server.connect(["-tls1_3", "-sess_out", session])
        client.write("bye\n")
        client.exitStatus()
        let text = try Child(["openssl", "sess_id", "-in", session, "-noout", "-text"])
        #expect(text.exitStatus() == 0)
        #expect(text.contains("TLSv1.3"))
        #expect(text.contains("Max Early Data: 0"))
        server.stop()
    }

    @Test("a client that insists on another protocol is refused, one that offers several is not")
    func protocols() async throws {
        let server = try await TLSEchoServer()
        let stubborn = try server.connect(["-alpn", "h2,spdy/3"])
        #expect(stubborn.waitFor("no application protocol"))
        let flexible = try server.connect(["-alpn", "h2,http/1.1"])
        #expect(flexible.waitFor("ALPN protocol: http/1.1"))
        server.stop()
    }

    @Test("plain HTTP on a TLS port, and noise, fail the stream with a reason")
    func notTLS() async throws {
        let server = try await TLSEchoServer()
        for text in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}",
        ] {
            try await withLoop { loop in
                let client = try await ByteStream.connect(
                    to: server.address, on: loop, deadline: .after(patience))
                client.write(Array(text.utf8))
                #expect(await server.nextEnd().hasPrefix("tls"))
                client.abort()
            }
        }
        server.stop()
    }

    @Test("a handshake that does not proceed ends at the deadline of the first read")
    func slowHandshake() async throws {
        let server = try await TLSEchoServer(patience: .milliseconds(100))
        try await withLoop { loop in
            let client = try await ByteStream.connect(
                to: server.address, on: loop, deadline: .after(patience))
            client.write([22, 3, 1])
            #expect(await server.nextEnd() == "timedOut")
            client.abort()
        }
        server.stop()
    }

    @Test("megabytes arrive whole in both directions", arguments: ["1_2", "1_3"])
    func bulk(version: String) async throws {
        let server = try await TLSEchoServer()
        let count = 6_000_000
        // Upload: more than is read ahead, while the server reads in small bites.
        let path = server.certificate.directory.file("upload")
        try Files.writeNew(path, [UInt8](repeating: 120, count: count))
        let upload = try Child([
            "sh", "-c",
            "exec openssl s_client -connect \(server.address) -tls\(version)"
                + " -quiet -no_ign_eof <'\(path)'",
        ])
        #expect(await server.nextEnd() == "received \(count)")
        upload.exitStatus()
        // Download: more than the socket takes at once.
        let download = try server.connect(["-tls\(version)", "-quiet"])
        download.write("download \(count)\n")
        download.exitStatus()
        #expect(download.printed.count { $0 == 121 } >= count)
        server.stop()
    }
}

@Suite struct TLSConfigurationTests {
    private func failure(certificate: String, key: String) -> TLSConfigurationError? {
        do throws(TLSConfigurationError) {
            _ = try TLSServerContext(certificateChainFile: certificate, privateKeyFile: key)
            return nil
        } catch {
            return error
        }
    }

    @Test("a certificate with its key is taken, and its end is known")
    func fine() throws {
        let made = try TestCertificate()
        let context = try TLSServerContext(
            certificateChainFile: made.certificate, privateKeyFile: made.key)
        let days = (context.notAfter.seconds - WallClock.now().seconds) / 86_400
        #expect(days == 29 || days == 30)
    }

    @Test("every wrong file is named with what is wrong about it")
    func wrong() throws {
        let made = try TestCertificate()
        let other = try TestCertificate()
        let none = made.directory.file("none")
        let junk = made.directory.file("junk")
        try Files.writeNew(junk, Array("no PEM at all\n".utf8))
        #expect(
            failure(certificate: none, key: made.key)
                == .unreadable(file: none, reason: "there is no such file"))
        #expect(failure(certificate: made.key, key: made.key) == .noCertificate(file: made.key))
        #expect(failure(certificate: junk, key: made.key) == .noCertificate(file: junk))
        #expect(failure(certificate: made.certificate, key: junk) == .noPrivateKey(file: junk))
        #expect(
            failure(certificate: made.certificate, key: other.key)
                == .mismatch(certificate: made.certificate, key: other.key))
    }

    @Test("a key others can read is refused, one with a passphrase does not ask for it")
    func keys() throws {
        let made = try TestCertificate()
        let locked = made.directory.file("locked")
        let openssl = try Child([
            "openssl", "ec", "-in", made.key, "-aes128", "-passout", "pass:secret", "-out", locked,
        ])
        #expect(openssl.exitStatus() == 0)
        #expect(failure(certificate: made.certificate, key: locked) == .noPrivateKey(file: locked))
        #expect(unsafe chmod(made.key, 0o644) == 0)
        guard case .unreadable(made.key, _) = failure(certificate: made.certificate, key: made.key)
        else {
            Issue.record("a key that anybody can read was taken")
            return
        }
    }

    @Test("a damaged intermediate is an error, not the end of the chain")
    func damagedChain() throws {
        let made = try TestCertificate()
        let chain = made.directory.file("chain")
        let good = try Files.read(made.certificate, atMost: 100_000)
        let damage = "-----BEGIN CERTIFICATE-----\nMIIB!!!!\n-----END CERTIFICATE-----\n"
        try Files.writeNew(chain, good + Array(damage.utf8))
        guard case .badCertificate(chain, _) = failure(certificate: chain, key: made.key) else {
            Issue.record("a damaged chain was taken")
            return
        }
        let double = made.directory.file("double")
        try Files.writeNew(double, good + good)
        #expect(failure(certificate: double, key: made.key) == nil)
    }
}
