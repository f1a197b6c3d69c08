// SPDX-License-Identifier: Apache-2.0
// Prints what the kernel and the replay set cost, one JSON object; `kernel [ROUNDS [PART...]]`.

import JOSE

let arguments = CommandLine.arguments.dropFirst()
let rounds = arguments.first.flatMap { Int($0) } ?? 15
let wanted = arguments.dropFirst()
var parts: [String] = []
for algorithm in [JWSAlgorithm.es256, .ps256, .ed25519]
where wanted.isEmpty || wanted.contains(algorithm.rawValue) {
    let result = try await KernelRun.measure(
        try Subject(algorithm), rounds: rounds, requests: 2000)
    parts.append(
        "\"\(algorithm.rawValue)\": {\"whole\": \(result.whole), \"bare\": \(result.bare)}")
}
if wanted.isEmpty || wanted.contains("replay") {
    let replay = try ReplayRun.measure(entries: 4_000_000)
    parts.append(
        "\"replay\": {\"insert\": \(replay.insert), \"last\": \(replay.last), "
            + "\"octets\": \(replay.octets)}")
}
print("{\(parts.joined(separator: ", "))}")
