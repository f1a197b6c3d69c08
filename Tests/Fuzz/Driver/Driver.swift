// SPDX-License-Identifier: Apache-2.0
// The entry points that libFuzzer calls; linked by Tests/Fuzz/run, never by the package.

import FuzzTargets
import Glibc
import Octets

/// What this process fuzzes: FUZZ_TARGET names it, FUZZ_PLANT switches the planted crash on.
private let target: FuzzTarget = {
    guard let name = getenv("FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name))
    else {
        fatalError("FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()
private let isPlanted = getenv("FUZZ_PLANT") != nil

/// One input; a broken property ends the process as a trap would.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    do {
        try target.run(Array(UnsafeBufferPointer(start: data, count: size)), planted: isPlanted)
    } catch {
        fatalError("broken: \(error)")
    }
    return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int) -> Int

/// Three times in four one base64url part is altered in its decoded form.
@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: UInt32
) -> Int {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    let parts = target.encodedParts(of: input)
    guard !parts.isEmpty, seed % 4 != 0 else { return mutate(data, size, maximum) }
    let part = parts[Int(seed / 4) % parts.count]
    guard let octets = Base64URL.decode(input[part]) else { return mutate(data, size, maximum) }
    let room = octets.count + 64
    var altered = octets + [UInt8](repeating: 0, count: room - octets.count)
    let count = altered.withUnsafeMutableBufferPointer { buffer in
        mutate(buffer.baseAddress.unsafelyUnwrapped, octets.count, room)
    }
    var output = input
    output.replaceSubrange(part, with: Base64URL.encode(Array(altered[..<count])))
    guard output.count <= maximum else { return mutate(data, size, maximum) }
    for (index, octet) in output.enumerated() { data[index] = octet }
    return output.count
}
