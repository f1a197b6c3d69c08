// SPDX-License-Identifier: Apache-2.0
// Signature checks with nothing around them: no hash, no parsing, no allocation of our own.
#include "bare.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bare {
    EVP_PKEY_CTX *verify;
    EVP_MD_CTX *whole;
    unsigned char message[300];
    size_t message_count;
    unsigned char signature[512];
    size_t signature_count;
};

static int set_padding(EVP_PKEY_CTX *context, int is_rsa) {
    return !is_rsa || (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
                       EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
                       EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
                       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) == 1);
}

static int prepare_hashed(bare *subject, EVP_PKEY *key, int is_rsa) {
    subject->message_count = 32;
    EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new(key, NULL);
    int is_signed = sign != NULL && EVP_PKEY_sign_init(sign) == 1 && set_padding(sign, is_rsa) &&
                    EVP_PKEY_sign(sign, subject->signature, &subject->signature_count,
                                  subject->message, subject->message_count) == 1;
    EVP_PKEY_CTX_free(sign);
    subject->verify = EVP_PKEY_CTX_new(key, NULL);
    return is_signed && subject->verify != NULL && EVP_PKEY_verify_init(subject->verify) == 1 &&
           set_padding(subject->verify, is_rsa);
}

static int prepare_whole(bare *subject, EVP_PKEY *key) {
    subject->message_count = sizeof(subject->message);
    EVP_MD_CTX *sign = EVP_MD_CTX_new();
    int is_signed = EVP_DigestSignInit(sign, NULL, NULL, NULL, key) == 1 &&
                    EVP_DigestSign(sign, subject->signature, &subject->signature_count,
                                   subject->message, subject->message_count) == 1;
    EVP_MD_CTX_free(sign);
    subject->whole = EVP_MD_CTX_new();
    return is_signed && EVP_DigestVerifyInit(subject->whole, NULL, NULL, NULL, key) == 1;
}

bare *bare_new(const char *algorithm) {
    bare *subject = calloc(1, sizeof(*subject));
    if (subject == NULL) return NULL;
    memset(subject->message, 'a', sizeof(subject->message));
    subject->signature_count = sizeof(subject->signature);
    int is_prepared = 0;
    EVP_PKEY *key = NULL;
    if (strcmp(algorithm, "ES256") == 0) {
        key = EVP_EC_gen("P-256");
        is_prepared = key != NULL && prepare_hashed(subject, key, 0);
    } else if (strcmp(algorithm, "PS256") == 0) {
        key = EVP_RSA_gen(2048);
        is_prepared = key != NULL && prepare_hashed(subject, key, 1);
    } else if (strcmp(algorithm, "Ed25519") == 0) {
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        is_prepared = key != NULL && prepare_whole(subject, key);
    }
    EVP_PKEY_free(key);
    return is_prepared ? subject : NULL;
}

static double cpu(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

double bare_verify(bare *subject, int count) {
    int held = 0;
    double before = cpu();
    for (int index = 0; index < count; index++) {
        held += (subject->whole != NULL
                     ? EVP_DigestVerify(subject->whole, subject->signature,
                                        subject->signature_count, subject->message,
                                        subject->message_count)
                     : EVP_PKEY_verify(subject->verify, subject->signature,
                                       subject->signature_count, subject->message,
                                       subject->message_count)) == 1;
    }
    double used = cpu() - before;
    return held == count ? used / count : -1;
}
