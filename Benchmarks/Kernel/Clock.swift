// SPDX-License-Identifier: Apache-2.0
// What this process has used so far.

import Glibc

enum Clock {
    /// Microseconds on a CPU.
    static func cpu() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
        return Double(now.tv_sec) * 1e6 + Double(now.tv_nsec) / 1e3
    }

    /// Octets of resident memory, from the second number of /proc/self/statm.
    static func resident() -> Double {
        guard let file = fopen("/proc/self/statm", "r") else { return .nan }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 128)
        guard fgets(&text, 128, file) != nil else { return .nan }
        let numbers = text.split(separator: 0x20).map { strtod(Array($0) + [0], nil) }
        return numbers.count > 1 ? numbers[1] * Double(getpagesize()) : .nan
    }
}
