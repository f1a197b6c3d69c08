// SPDX-License-Identifier: Apache-2.0
// OpenSSL 3 as Swift sees it; what Swift cannot import gets a wrapper with the module's prefix.
#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H
// Without it OpenSSL's and libevent's headers disagree on fd_set within one Swift program.
#define _GNU_SOURCE 1
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#endif
