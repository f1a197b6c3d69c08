// SPDX-License-Identifier: Apache-2.0
// Prints what the kernel and the replay set cost, one JSON object; `kernel [ROUNDS [PART...]]`.

import JOSE

let arguments = CommandLine.arguments.dropFirst()
let rounds = arguments.first.flatMap { Int($0) } ?? 15
let wanted = arguments.dropFirst()
var parts: [String] = []
let subjects: [(String, JWSAlgorithm, isCombined: Bool)] = [
    ("ES256", .es256, false), ("PS256", .ps256, false), ("Ed25519", .ed25519, false),
    ("combined", .es256, true),
]
for (name, algorithm, isCombined) in subjects where wanted.isEmpty || wanted.contains(name) {
    let result = try await KernelRun.measure(
        try Subject(algorithm, isCombined: isCombined), rounds: rounds, requests: 2000)
    parts.append("\"\(name)\": {\"whole\": \(result.whole), \"bare\": \(result.bare)}")
}
if wanted.isEmpty || wanted.contains("seal") {
    let seal = try SealRun.measure(try Subject(.es256), rounds: rounds, count: 20_000)
    parts.append(
        "\"seal\": {\"seal\": \(seal.seal), \"open\": \(seal.open), "
            + "\"refuse\": \(seal.refuse), \"answer\": \(seal.answer)}")
}
if wanted.isEmpty || wanted.contains("replay") {
    let replay = try ReplayRun.measure(entries: 4_000_000)
    parts.append(
        "\"replay\": {\"insert\": \(replay.insert), \"last\": \(replay.last), "
            + "\"octets\": \(replay.octets)}")
}
print("{\(parts.joined(separator: ", "))}")
