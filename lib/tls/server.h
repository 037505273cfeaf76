/* lib/tls/server.h - a TLS server: certificates, protocols, ciphers; and filters made from it.
 *
 * Made once, before confinement; owned by the program. Filters belong to their conn and may
 * outlive nothing but the process. Never blocks, never logs. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_TLS_SERVER_H
#define LIB_TLS_SERVER_H

#include "lib/event/conn.h"
#include "lib/sys/ticket.h"

enum { TLS_CHAINS_MAX = 8 };

/* A certificate chain and its key; KEY_FILE NULL or empty: the key is in CERT_FILE. */
struct tls_chain {
	const char *cert_file, *key_file;
};

struct tls_server_config {
	struct tls_chain chains[TLS_CHAINS_MAX];	/* at least one; RSA and ECDSA side by side */
	size_t n_chains;
	const char *protocols;		/* ">=TLSv1.2", "!SSLv3, !TLSv1": Postfix's syntax */
	const char *cipher_grade;	/* high, medium, low, null */
	const char *exclude_ciphers;	/* list, may be empty */
	const char *cipherlist;		/* of the grade: tls_medium_cipherlist ... */
	const char *curves;		/* tls_eecdh_auto_curves; may be empty */
	bool prefer_server_ciphers;	/* tls_preempt_cipherlist */
};

struct tls_server;

/* RC_PERM with file and reason in ERR: missing file, key that does not match, bad protocol. */
enum rc tls_server_new(const struct tls_server_config *config, struct tls_server **out,
		       struct err *err);
void tls_server_free(struct tls_server **s);

/* From daemon_spec.on_ticket_keys; may come again at any time. */
void tls_server_set_ticket_keys(struct tls_server *s, const struct ticket_keys *keys);

/* The server side of one session; give it to conn_start_filter(). */
struct conn_filter *tls_server_filter(struct tls_server *s);

/* Parse Postfix's protocol list into a range. RC_SYNTAX: unknown name. (TLS_README) */
enum rc tls_parse_protocols(struct slice list, int *ret_min, int *ret_max, struct err *err);

#endif
