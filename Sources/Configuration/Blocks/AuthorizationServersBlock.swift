// SPDX-License-Identifier: Apache-2.0
// The `authorization_servers` list: each AS becomes a draft, is checked with the others, finished.

import ClientAttestation
import Gateway

/// Reads `authorization_servers`.
enum AuthorizationServersBlock {
    static func read(_ top: Block, masterKeys: MasterKeys?) -> [ServerSettings] {
        let remedy = "list the AS: issuer, upstream, endpoints, attesters, clients"
        let items = top.require("authorization_servers", remedy)?.someItems("at least one AS") ?? []
        let allowance = ReplayBlock.clockAllowance(top)
        let drafts = items.compactMap { item in
            item.block(.server).map { ServerDraft($0, clockAllowance: allowance) }
        }
        SelfChecks.run(drafts)
        return drafts.enumerated().compactMap { index, draft in
            let registry = AttestersBlock.registry(draft)
            guard let registry, let masterKeys else { return nil }
            let others = drafts.enumerated().filter { $0.offset != index }.map(\.element)
            return draft.settings(
                registry: registry, masterKeys: masterKeys,
                foreignAudiences: Set(others.flatMap(\.audiences)))
        }
    }
}
