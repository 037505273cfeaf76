/* SPDX-License-Identifier: ISC */
#include "lib/tls/server.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/tls/tls_int.h"

/* OpenSSL's oldest queued error as text; the queue is emptied. */
static void take_error(char *out, size_t size)
{
	unsigned long e = ERR_get_error();
	const char *reason = e != 0 ? ERR_reason_error_string(e) : NULL;

	snprintf(out, size, "%s", reason != NULL ? reason : "unknown error");
	ERR_clear_error();
}

static enum rc fail(struct err *err, const char *what, const char *name)
{
	char text[200];

	take_error(text, sizeof(text));
	return err_set(err, RC_PERM, "%s%s%s: %s", what, name != NULL ? " " : "",
		       name != NULL ? name : "", text);
}

/* Protocols */

static const struct {
	const char *name;
	int version;
} versions[] = {
	{ "SSLv2", 0 }, { "SSLv3", SSL3_VERSION }, { "TLSv1", TLS1_VERSION },
	{ "TLSv1.1", TLS1_1_VERSION }, { "TLSv1.2", TLS1_2_VERSION },
	{ "TLSv1.3", TLS1_3_VERSION },
};
enum { N_VERSIONS = sizeof(versions) / sizeof(versions[0]), TLSV1 = 2 };

static int find_version(struct slice name)
{
	for (int i = 0; i < N_VERSIONS; i++)
		if (slice_iis(name, versions[i].name))
			return i;
	return -1;
}

/* What the words of a list say so far. */
struct range {
	bool excluded[N_VERSIONS], included[N_VERSIONS], includes;
	int lowest, highest;
};

static enum rc read_word(struct slice word, struct range *r, struct err *err)
{
	bool ge = slice_starts(word, SLICE_LIT(">=")), le = slice_starts(word, SLICE_LIT("<="));
	bool not = word.p[0] == '!';
	int v = find_version(slice_skip(word, ge || le ? 2 : not));

	if (v < 0)
		return err_set(err, RC_SYNTAX, "unknown TLS protocol \"%.*s\"", SLICE_ARG(word));
	if (ge) {
		r->lowest = v;
	} else if (le) {
		r->highest = v;
	} else if (not) {
		r->excluded[v] = true;
	} else {
		r->included[v] = r->includes = true;
	}
	return RC_OK;
}

enum rc tls_parse_protocols(struct slice list, int *ret_min, int *ret_max, struct err *err)
{
	struct range r = { .lowest = TLSV1, .highest = N_VERSIONS - 1 };
	struct slice word;
	int min = -1, max = -1;

	while (slice_token(&list, " \t,:", &word)) {
		enum rc rc = read_word(word, &r, err);

		if (rc != RC_OK)
			return rc;
	}
	for (int i = TLSV1; i < N_VERSIONS; i++) {
		if (i < r.lowest || i > r.highest || r.excluded[i] || (r.includes && !r.included[i]))
			continue;
		if (min < 0)
			min = i;
		max = i;
	}
	if (min < 0)
		return err_set(err, RC_SYNTAX, "the list of TLS protocols leaves none");
	*ret_min = versions[min].version;
	*ret_max = max == N_VERSIONS - 1 ? 0 : versions[max].version;
	return RC_OK;
}

/* Context */

static enum rc load_chain(SSL_CTX *ctx, const struct tls_chain *c, struct err *err)
{
	const char *key = c->key_file != NULL && c->key_file[0] != '\0' ? c->key_file
									 : c->cert_file;

	if (access(c->cert_file, R_OK) != 0)
		return err_set(err, RC_PERM, "cannot read certificate file %s: %s", c->cert_file,
			       strerror(errno));
	if (SSL_CTX_use_certificate_chain_file(ctx, c->cert_file) != 1)
		return fail(err, "no usable certificate in", c->cert_file);
	if (access(key, R_OK) != 0)
		return err_set(err, RC_PERM, "cannot read private key file %s: %s", key,
			       strerror(errno));
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return fail(err, "no usable private key in", key);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return fail(err, "the private key does not match certificate", c->cert_file);
	return RC_OK;
}

static enum rc set_protocols(SSL_CTX *ctx, const struct tls_server_config *c, struct err *err)
{
	int min, max;
	enum rc rc = tls_parse_protocols(slice_str(c->protocols), &min, &max, err);

	if (rc == RC_OK && (SSL_CTX_set_min_proto_version(ctx, min) != 1 ||
			    SSL_CTX_set_max_proto_version(ctx, max) != 1))
		rc = fail(err, "TLS protocols", c->protocols);
	return rc;
}

/* The grade's list, without what is excluded: "LIST:!A:!B". */
static enum rc set_ciphers(SSL_CTX *ctx, const struct tls_server_config *c, struct err *err)
{
	struct slice rest = slice_str(c->exclude_ciphers), word;
	struct buf list;
	enum rc rc = RC_OK;

	buf_init(&list, 4096);
	buf_adds(&list, c->cipherlist);
	while (slice_token(&rest, " \t,:", &word))
		buf_addf(&list, ":!%.*s", SLICE_ARG(word));
	if (buf_finish(&list) != RC_OK || SSL_CTX_set_cipher_list(ctx, buf_cstr(&list)) != 1)
		rc = fail(err, "cipher list", buf_cstr(&list));
	buf_done(&list);
	return rc;
}

static enum rc set_curves(SSL_CTX *ctx, const struct tls_server_config *c, struct err *err)
{
	struct slice rest = slice_str(c->curves), word;
	struct buf list;
	enum rc rc = RC_OK;

	buf_init(&list, 1024);
	while (slice_token(&rest, " \t,:", &word))
		buf_addf(&list, "%s%.*s", buf_len(&list) > 0 ? ":" : "", SLICE_ARG(word));
	if (buf_len(&list) > 0 && SSL_CTX_set1_groups_list(ctx, buf_cstr(&list)) != 1)
		rc = fail(err, "curves", buf_cstr(&list));
	buf_done(&list);
	return rc;
}

static void set_options(SSL_CTX *ctx, const struct tls_server_config *c)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				 SSL_OP_SINGLE_ECDH_USE | SSL_OP_NO_TICKET);
	if (c->prefer_server_ciphers)
		SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
			      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_dh_auto(ctx, 1);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"buzon", 5);
}

enum rc tls_server_new(const struct tls_server_config *config, struct tls_server **out,
		       struct err *err)
{
	struct tls_server *s = mem_new(1, sizeof(*s));
	enum rc rc = RC_OK;

	ERR_clear_error();
	s->ctx = SSL_CTX_new(TLS_server_method());
	if (s->ctx == NULL) {
		rc = fail(err, "OpenSSL does not start", NULL);
		goto out;
	}
	set_options(s->ctx, config);
	rc = set_protocols(s->ctx, config, err);
	if (rc == RC_OK)
		rc = set_ciphers(s->ctx, config, err);
	if (rc == RC_OK)
		rc = set_curves(s->ctx, config, err);
	for (size_t i = 0; rc == RC_OK && i < config->n_chains; i++)
		rc = load_chain(s->ctx, &config->chains[i], err);
	if (rc == RC_OK && config->n_chains == 0)
		rc = err_set(err, RC_PERM, "TLS needs a certificate");
	SSL_CTX_set_app_data(s->ctx, s);
out:
	if (rc == RC_OK)
		*out = s;
	else
		tls_server_free(&s);
	return rc;
}

void tls_server_free(struct tls_server **s)
{
	if (*s == NULL)
		return;
	SSL_CTX_free((*s)->ctx);
	mem_wipe(&(*s)->keys, sizeof((*s)->keys));
	free(*s);
	*s = NULL;
}

void tls_server_set_ticket_keys(struct tls_server *s, const struct ticket_keys *keys)
{
	s->keys = *keys;
	if (!s->has_keys) {
		SSL_CTX_clear_options(s->ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set_tlsext_ticket_key_evp_cb(s->ctx, tls_ticket_callback);
		s->has_keys = true;
	}
}
