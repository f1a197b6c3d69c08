// SPDX-License-Identifier: Apache-2.0
// The exit statuses of every command, and how a command ends with an error.

import ArgumentParser
import Foundation

/// Exit statuses (design section 5). A wrong command line is 64, which ArgumentParser sees to.
enum ExitStatus {
    /// It did not go well; the reason is on standard error.
    static let failed = ExitCode(1)
}

/// Standard streams, written whole.
enum Terminal {
    /// Writes `text` and a line end to standard output.
    static func print(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    }

    /// Writes `text` and a line end to standard error.
    static func complain(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }
}

/// Says why on standard error and ends with status 1.
func fail(_ reason: String) -> ExitCode {
    Terminal.complain("attestgate: \(reason)")
    return ExitStatus.failed
}
