/* lib/tls/tls_int.h - inside of lib/tls. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TLS_TLS_INT_H
#define LIB_TLS_TLS_INT_H

#include <openssl/ssl.h>

#include "lib/tls/server.h"

struct tls_server {
	SSL_CTX *ctx;
	struct ticket_keys keys;
	bool has_keys;
};

struct tls_filter {
	struct conn_filter base;
	SSL *ssl;
	bool has_fd;
	char why[256];		/* of the last failure */
};

/* The callback that makes and opens tickets. (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)) */
int tls_ticket_callback(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
			EVP_MAC_CTX *mac, int make);

#endif
