# SPDX-License-Identifier: Apache-2.0
"""The tools of the end-to-end tests: wire client, recording upstream, token minter, gateway."""
