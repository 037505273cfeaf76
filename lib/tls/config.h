/* lib/tls/config.h - the shared TLS parameters, and a server's configuration from them. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TLS_CONFIG_H
#define LIB_TLS_CONFIG_H

#include "lib/conf/maincf.h"
#include "lib/tls/server.h"

/* What of a server's configuration is shared: the grade's list, order, curves. CONFIG's
 * cipher_grade is set; strings live in ARENA. RC_SYNTAX: unknown grade. Faults of the shared
 * parameters go to FAULTS. */
enum rc tls_config_shared(const struct conf *c, struct arena *arena,
			  struct tls_server_config *config, struct faults *faults,
			  struct err *err);

/* Chains from words of a list: each file holds a key and its certificates
 * (smtpd_tls_chain_files). RC_LIMIT: more than TLS_CHAINS_MAX. */
enum rc tls_config_add_chain(struct tls_server_config *config, const char *cert_file,
			     const char *key_file);

#endif
