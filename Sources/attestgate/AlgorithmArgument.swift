// SPDX-License-Identifier: Apache-2.0
// A signature algorithm on the command line.

import ArgumentParser
import JOSE

/// An algorithm of `--alg`.
struct AlgorithmArgument: ExpressibleByArgument {
    let algorithm: JWSAlgorithm

    init?(argument: String) {
        guard let algorithm = JWSAlgorithm(rawValue: argument),
            algorithm.isImplemented || algorithm.mac != nil
        else { return nil }
        self.algorithm = algorithm
    }

    init(_ algorithm: JWSAlgorithm) {
        self.algorithm = algorithm
    }

    var defaultValueDescription: String { algorithm.rawValue }

    static let allValueStrings = (JWSAlgorithm.signatures + JWSAlgorithm.macs).map(\.rawValue)
}
