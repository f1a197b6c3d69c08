// SPDX-License-Identifier: Apache-2.0
// The `secrets` block: master keys, and how files with secrets are read.

import ClientAttestation
import Cryptography
import EventLoop
import Gateway

/// Reads `secrets`.
enum SecretsBlock {
    /// The master keys, or nil after the faults were reported (CFG-07).
    static func read(_ top: Block) -> MasterKeys? {
        let remedy =
            "add `secrets: { master_key_file: master.key }`; `attestgate keygen master --out "
            + "master.key` makes one (CFG-07)"
        guard let block = top.require("secrets", remedy)?.block(.secrets) else { return nil }
        let current = block.require(
            "master_key_file", "`attestgate keygen master --out master.key` makes one (CFG-07)"
        ).flatMap { masterKey($0) }
        var previous: [MasterKey] = []
        var keys = current.flatMap { try? MasterKeys(current: $0) }
        for item in block["previous_master_key_files"]?.items() ?? [] {
            guard let key = masterKey(item), let current else { continue }
            previous.append(key)
            do throws(MasterKeyError) {
                keys = try MasterKeys(current: current, previous: previous)
            } catch {
                item.fail("\(item.fileName): \(error) (CFG-07)")
                return nil
            }
        }
        return keys
    }

    private static func masterKey(_ field: Field) -> MasterKey? {
        guard let octets = field.secretFile(atMost: 4096) else { return nil }
        do throws(MasterKeyError) {
            return try MasterKey(parsing: octets)
        } catch {
            field.fail("\(field.fileName): \(error) (CFG-07)")
            return nil
        }
    }
}

extension Field {
    /// The octets of the file that this value names.
    func file(atMost limit: Int) -> [UInt8]? {
        contents(atMost: limit, secret: false, whose: nil)
    }

    /// The octets of the file that this value names, which others must not be able to read.
    /// `whose` it is, is said in a fault.
    func secretFile(atMost limit: Int, whose: String? = nil) -> [UInt8]? {
        contents(atMost: limit, secret: true, whose: whose)
    }

    /// The file that this value names, for messages.
    var fileName: String {
        guard case .scalar(let path, _) = value.kind else { return key }
        return reading.resolve(path)
    }

    private func contents(atMost limit: Int, secret: Bool, whose: String?) -> [UInt8]? {
        guard let path = text() else { return nil }
        do throws(FileError) {
            return try Files.read(reading.resolve(path), atMost: limit, secret: secret)
        } catch {
            let owner = whose.map { " (\(quoted($0)))" } ?? ""
            fail("\(error.path)\(owner): \(error.reason)")
            return nil
        }
    }
}
