// SPDX-License-Identifier: Apache-2.0
// The sources of this package as text, for tests that hold them against the plan.

import Foundation

/// One Swift file.
struct SourceFile: Sendable {
    let module: String
    let name: String
    let lines: [Substring]

    /// Modules this file imports, whatever the access level.
    var imports: [String] {
        lines.compactMap { line in
            var words = line.split(separator: " ")[...]
            if ["public", "internal", "private", "fileprivate", "package"].contains(words.first) {
                words = words.dropFirst()
            }
            guard words.first == "import", let module = words.dropFirst().last else { return nil }
            return String(module)
        }
    }

    /// Lines that are not comments.
    var code: [Substring] {
        lines.filter { !$0.drop(while: { $0 == " " }).hasPrefix("//") }
    }
}

/// All of `Sources`.
enum SourceTree {
    /// The package's root: three folders above this file.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file of the package's own modules.
    static func files() throws -> [SourceFile] {
        let sources = root.appending(path: "Sources")
        let manager = FileManager.default
        var files: [SourceFile] = []
        for module in try manager.contentsOfDirectory(atPath: sources.path) {
            let folder = sources.appending(path: module)
            for path in manager.enumerator(atPath: folder.path)?.compactMap({ $0 as? String }) ?? []
            where path.hasSuffix(".swift") {
                let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                files.append(
                    SourceFile(
                        module: module, name: "\(module)/\(path)",
                        lines: text.split(separator: "\n", omittingEmptySubsequences: false)))
            }
        }
        return files
    }
}
