/* lib/tls/info.h - what a TLS session uses, in the words of Postfix's log and Received lines. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TLS_INFO_H
#define LIB_TLS_INFO_H

#include "lib/event/conn.h"

struct tls_info {
	char protocol[16];	/* "TLSv1.3" */
	char cipher[64];	/* "TLS_AES_256_GCM_SHA384" */
	int bits, alg_bits;	/* "(256/256 bits)" */
	char kex[48];		/* "X25519"; empty before TLS 1.3 or when unknown */
	char signature[64];	/* "ECDSA (prime256v1)", "RSA-PSS (2048 bits)" */
	char digest[32];	/* "SHA256" */
	bool resumed;
};

/* FILTER is one of ours after its handshake. */
void tls_filter_info(const struct conn_filter *filter, struct tls_info *out);

/* "TLSv1.3 with cipher X (256/256 bits) key-exchange X25519 server-signature ... " as it stands
 * behind "TLS connection established from host[addr]: ". */
void tls_info_print(const struct tls_info *info, struct buf *out);

#endif
