// SPDX-License-Identifier: Apache-2.0
// What every block needs while a configuration is read: where remarks go and where paths begin.

import Foundation
import Octets

/// One reading of one configuration file.
final class Reading {
    /// Collects every remark.
    let report: Report
    /// Folder of the configuration file, absolute; relative paths begin there.
    let folder: String
    /// The process environment, of which only `STATE_DIRECTORY` is looked at.
    let environment: [String: String]
    /// For certificates about to expire.
    let now: UnixTime

    init(file: String, environment: [String: String], now: UnixTime) {
        report = Report(file: file)
        let absolute =
            file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
        folder = absolute.lastIndex(of: "/").map { String(absolute[..<$0]) } ?? ""
        self.environment = environment
        self.now = now
    }

    /// `path` made absolute.
    func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : folder + "/" + path
    }
}
