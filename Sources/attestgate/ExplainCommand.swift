// SPDX-License-Identifier: Apache-2.0
// `attestgate explain`: why a request is refused, or that it is not, rule by rule.

import ArgumentParser
import Configuration
import EventLoop
import Explain
import Foundation
import Octets

struct ExplainRequest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why a captured request is refused, rule by rule.",
        discussion: """
            Reads one request from standard input and judges it as the gateway with this \
            configuration would, without sending anything. The request can be raw HTTP, the output \
            of `curl -v`, or a `curl` command line, also one that a browser copied.

            The first line is the request, the second the verdict and the rule that decided. Then \
            follow what was found and expected, who has to change what, the attesters, the tokens, \
            and every rule. `A11 7.2(7)` as a source is section 7.2, item 7, of draft -11; a bare \
            number is an RFC. Signatures, secrets and identifiers are shortened.

            What was used before and when the gateway started is known to the running gateway \
            alone: replay (RPL) is not judged here. A proof that was good at the time needs --at.

            Exit status: 0 the request would be accepted, or passes unverified; 1 it would be \
            refused, or could not be read; 64 the command line was wrong.

            Examples:
              curl -v ... 2>&1 | attestgate explain --config gate.yaml
              attestgate explain --config gate.yaml --at 2026-11-21T03:00:00Z < request.txt
              attestgate explain --rule POP-04
            """)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Read the request from a file.", valueName: "file"))
    var request: String?

    @Option(help: ArgumentHelp("The request's body, if the capture lacks it.", valueName: "file"))
    var body: String?

    @Option(
        help: ArgumentHelp(
            "Judge as of this moment: RFC 3339 or Unix seconds. (default: now)", valueName: "time"))
    var at: Moment?

    @Flag(help: "Write one JSON object instead of text.")
    var json = false

    @Flag(help: "Give each rule a line with its title and source.")
    var full = false

    @Option(help: "Colours: auto, always or never.")
    var color: ColourChoice = .auto

    @Option(help: ArgumentHelp("Explain a rule instead of a request.", valueName: "id"))
    var rule: String?

    func validate() throws {
        guard rule == nil else { return }
        if config == nil { throw ValidationError("Name the configuration: --config FILE.") }
        if request == "-" || request == nil, body == "-" {
            throw ValidationError("Only one of request and body can be standard input.")
        }
    }

    func run() throws {
        if let rule {
            try describe(rule)
            return
        }
        let settings = try loadSettings()
        var capture = try readCapture()
        if let body { capture.setBody(try Self.read(body)) }
        let now = at?.time ?? UnixTime(WallClock.now().seconds)
        let report = Report(
            capture, settings: settings.settings, now: now, isPresent: at == nil)
        if json {
            Terminal.print(String(decoding: report.json, as: UTF8.self))
        } else {
            let style = TextStyle(hasColour: color.isOn, listsEachRule: full)
            Terminal.print(String(report.text(style).dropLast()))
        }
        if report.isRefused { throw ExitStatus.failed }
    }

    private func loadSettings() throws -> LoadedConfiguration {
        let environment = ProcessInfo.processInfo.environment
        switch ConfigurationLoader.load(path: config ?? "", environment: environment) {
        case .success(let loaded): return loaded
        case .failure(let errors):
            errors.diagnostics.forEach { Terminal.complain($0.description) }
            throw fail("the configuration has errors; see `attestgate check`")
        }
    }

    private func readCapture() throws -> Capture {
        if request == nil, isatty(STDIN_FILENO) == 1 {
            Terminal.complain("Paste the request, then press Ctrl-D on a line of its own.")
        }
        let octets = try Self.read(request ?? "-")
        do throws(CaptureError) {
            return try Capture(reading: octets)
        } catch {
            throw fail(error.description)
        }
    }

    /// A file, or standard input for `-`; at most what a capture may have, and one octet.
    private static func read(_ path: String) throws -> [UInt8] {
        if path != "-" {
            do throws(FileError) {
                return try Files.read(path, atMost: Capture.limit)
            } catch {
                throw fail(error.description)
            }
        }
        var octets: [UInt8] = []
        while octets.count <= Capture.limit,
            let part = try? FileHandle.standardInput.read(upToCount: 1 << 16), !part.isEmpty
        {
            octets += part
        }
        return octets
    }

    private func describe(_ name: String) throws {
        let note = RuleBook.notes.first {
            $0.rule.description.lowercased() == name.lowercased()
        }
        guard let note else {
            throw fail("no rule \(name); rules are written as in the log, for example POP-04")
        }
        Terminal.print("\(note.rule): \(note.title)")
        Terminal.print("  \(note.party.rawValue): \(note.advice)")
        Terminal.print("  source: \(note.source)")
    }
}

/// `--at`.
struct Moment: ExpressibleByArgument {
    let time: UnixTime

    init?(argument: String) {
        guard let time = Moments.parse(argument) else { return nil }
        self.time = time
    }
}

/// `--color`.
enum ColourChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never

    /// On a terminal, unless the environment asks for none (https://no-color.org).
    var isOn: Bool {
        switch self {
        case .always: return true
        case .never: return false
        case .auto:
            let environment = ProcessInfo.processInfo.environment
            let isUnwanted = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
            return isatty(STDOUT_FILENO) == 1 && !isUnwanted && environment["TERM"] != "dumb"
        }
    }
}
