// SPDX-License-Identifier: Apache-2.0
// TLS settings from the operator's files.
import Cryptography

extension TLSServerContext {
    /// Certificates and keys are small; a larger file is a mistake.
    private static let largestFile = 1024 * 1024

    /// Reads the certificate chain and the key, both in PEM form. The key must not be readable by
    /// others. Blocking: for start-up and reload.
    public convenience init(
        certificateChainFile: String, privateKeyFile: String
    ) throws(TLSConfigurationError) {
        let limit = TLSServerContext.largestFile
        let chain: [UInt8]
        let key: [UInt8]
        do throws(FileError) {
            chain = try Files.read(certificateChainFile, atMost: limit)
            key = try Files.read(privateKeyFile, atMost: limit, secret: true)
        } catch {
            throw .unreadable(file: error.path, reason: error.reason)
        }
        try self.init(
            certificateChain: chain, privateKey: key, certificateName: certificateChainFile,
            keyName: privateKeyFile)
    }
}
