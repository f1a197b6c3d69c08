// SPDX-License-Identifier: Apache-2.0
// One bare signature check of OpenSSL, the yardstick of everything around it.
#ifndef BARE_H
#define BARE_H

typedef struct bare bare;

/// A fresh key and a signature of it, for "ES256", "PS256" (2048 bits) or "Ed25519"; NULL if
/// OpenSSL fails.
bare *bare_new(const char *algorithm);

/// Verifies the signature `count` times with everything prepared, the hash of the message included
/// (Ed25519 hashes it itself); CPU nanoseconds of one check, negative if one failed.
double bare_verify(bare *subject, int count);
#endif
