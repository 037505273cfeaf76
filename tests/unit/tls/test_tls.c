/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/tls/info.h"
#include "lib/tls/server.h"

static char cert_file[] = "/tmp/buzon-tls-XXXXXX";

static int make_certificate(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("prime256v1");
	X509 *x = X509_new();
	FILE *f;

	(void)state;
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
				   (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_sign(x, key, EVP_sha256());
	f = fdopen(mkstemp(cert_file), "w");
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	PEM_write_X509(f, x);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
	return 0;
}

static int remove_certificate(void **state)
{
	(void)state;
	return unlink(cert_file);
}

static struct tls_server_config config(void)
{
	return (struct tls_server_config){
		.chains = { { cert_file, NULL } }, .n_chains = 1, .protocols = ">=TLSv1.2",
		.cipher_grade = "medium", .cipherlist = "HIGH", .exclude_ciphers = "aNULL, MD5",
		.curves = "X25519 prime256v1",
	};
}

struct echo {
	struct conn conn;
	unsigned secure, ended;
	enum conn_end why;
};

static void on_data(struct conn *c, void *owner)
{
	struct slice in = conn_input(c);

	(void)owner;
	conn_write(c, in);
	conn_consume(c, in.n);
}

static void on_end(struct conn *c, void *owner, enum conn_end why)
{
	struct echo *e = owner;

	(void)c;
	e->ended++;
	e->why = why;
}

static void on_secure(struct conn *c, void *owner)
{
	(void)c;
	((struct echo *)owner)->secure++;
}

static const struct conn_ops ops = { .on_data = on_data, .on_end = on_end,
				     .on_secure = on_secure };

/* A whole session against OpenSSL's client; returns the client's session for resumption. */
static SSL_SESSION *talk(struct tls_server *s, SSL_CTX *ctx, SSL_SESSION *old, bool *ret_reused,
			 struct tls_info *info)
{
	struct loop *loop = loop_new();
	struct echo e = { 0 };
	static char big[200000], back[sizeof(big)];
	size_t sent = 0, got = 0;
	SSL *ssl = SSL_new(ctx);
	SSL_SESSION *session;
	int fds[2];

	memset(big, 'b', sizeof(big));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	conn_init(&e.conn, loop, fds[0], 65536, 1 << 20, &ops, &e);
	conn_start_filter(&e.conn, tls_server_filter(s));
	SSL_set_fd(ssl, fds[1]);
	if (old != NULL)
		SSL_set_session(ssl, old);
	for (int i = 0; i < 50 && SSL_connect(ssl) != 1; i++)
		loop_turn(loop, 5);
	for (int i = 0; i < 5000 && got < sizeof(big); i++) {
		int n = sent < sizeof(big) ?
			SSL_write(ssl, big + sent, (int)(sizeof(big) - sent)) : 0;

		if (n > 0)
			sent += (size_t)n;
		loop_turn(loop, 1);
		n = SSL_read(ssl, back + got, (int)(sizeof(back) - got));
		if (n > 0)
			got += (size_t)n;
	}
	assert_int_equal(e.secure, 1);
	assert_int_equal(got, sizeof(big));
	assert_memory_equal(big, back, sizeof(big));
	tls_filter_info(e.conn.filter, info);
	*ret_reused = SSL_session_reused(ssl) == 1;
	session = SSL_get1_session(ssl);
	SSL_shutdown(ssl);
	loop_turn(loop, 5);
	assert_int_equal(e.ended, 1);
	assert_int_equal(e.why, CONN_EOF);
	conn_close(&e.conn);
	SSL_free(ssl);
	close(fds[1]);
	loop_turn(loop, 0);
	loop_free(&loop);
	return session;
}

static void test_session_and_resumption(void **state)
{
	struct tls_server_config c = config();
	struct ticket_keys keys = { .key = { { .name = "one" } } }, other = { 0 };
	struct tls_server *s = NULL, *second = NULL;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL_SESSION *session, *again;
	struct tls_info info;
	struct buf line;
	bool reused;

	(void)state;
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	assert_int_equal(tls_server_new(&c, &s, NULL), RC_OK);
	assert_int_equal(tls_server_new(&c, &second, NULL), RC_OK);
	tls_server_set_ticket_keys(s, &keys);
	session = talk(s, ctx, NULL, &reused, &info);
	assert_false(reused);
	assert_string_equal(info.protocol, "TLSv1.3");
	assert_string_equal(info.kex, "X25519");
	assert_string_equal(info.signature, "ECDSA (prime256v1)");
	buf_init(&line, 1000);
	tls_info_print(&info, &line);
	assert_string_equal(buf_cstr(&line),
		"TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) "
		"key-exchange X25519 server-signature ECDSA (prime256v1) server-digest SHA256");
	buf_done(&line);
	/* another worker with the same keys takes the ticket; with the key moved second too */
	other.key[1] = keys.key[0];
	memset(other.key[0].name, 'x', sizeof(other.key[0].name));
	tls_server_set_ticket_keys(second, &other);
	again = talk(second, ctx, session, &reused, &info);
	assert_true(reused && info.resumed);
	SSL_SESSION_free(session);
	SSL_SESSION_free(again);
	tls_server_free(&s);
	tls_server_free(&second);
	SSL_CTX_free(ctx);
}

static void test_garbage_fails_the_handshake(void **state)
{
	struct tls_server_config c = config();
	struct loop *loop = loop_new();
	struct tls_server *s = NULL;
	struct echo e = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(tls_server_new(&c, &s, NULL), RC_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	conn_init(&e.conn, loop, fds[0], 4096, 4096, &ops, &e);
	conn_start_filter(&e.conn, tls_server_filter(s));
	assert_true(write(fds[1], "EHLO there\r\n", 12) == 12);
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 1);
	assert_int_equal(e.ended, 1);
	assert_int_equal(e.why, CONN_TLS_ERROR);
	assert_true(strlen(e.conn.filter->ops->error(e.conn.filter)) > 0);
	conn_close(&e.conn);
	close(fds[1]);
	loop_turn(loop, 0);
	loop_free(&loop);
	tls_server_free(&s);
}

static const struct {
	const char *list;
	enum rc rc;
	int min, max;
} protocols[] = {
	{ "", RC_OK, TLS1_VERSION, 0 }, { ">=TLSv1.2", RC_OK, TLS1_2_VERSION, 0 },
	{ "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", RC_OK, TLS1_2_VERSION, 0 },
	{ "TLSv1.2", RC_OK, TLS1_2_VERSION, TLS1_2_VERSION },
	{ ">=TLSv1.1, <=TLSv1.2", RC_OK, TLS1_1_VERSION, TLS1_2_VERSION },
	{ "TLSv9", RC_SYNTAX, 0, 0 }, { "!TLSv1 !TLSv1.1 !TLSv1.2 !TLSv1.3", RC_SYNTAX, 0, 0 },
};

static void test_protocol_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(protocols); i++) {
		int min = 0, max = 0;

		assert_int_equal(tls_parse_protocols(slice_str(protocols[i].list), &min, &max, NULL),
				 protocols[i].rc);
		assert_int_equal(min, protocols[i].min);
		assert_int_equal(max, protocols[i].max);
	}
}

static void test_faults_name_the_file(void **state)
{
	struct tls_server_config c = config();
	struct tls_server *s = NULL;
	struct err err = { 0 };

	(void)state;
	c.chains[0].cert_file = "/nonexistent/cert.pem";
	assert_int_equal(tls_server_new(&c, &s, &err), RC_PERM);
	assert_non_null(strstr(err.text, "/nonexistent/cert.pem"));
	c = config();
	c.chains[0].key_file = "/etc/passwd";
	err = (struct err){ 0 };
	assert_int_equal(tls_server_new(&c, &s, &err), RC_PERM);
	assert_non_null(strstr(err.text, "/etc/passwd"));
	c = config();
	c.cipherlist = "NOSUCH";
	assert_int_equal(tls_server_new(&c, &s, NULL), RC_PERM);
	c = config();
	c.n_chains = 0;
	assert_int_equal(tls_server_new(&c, &s, NULL), RC_PERM);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_session_and_resumption),
		cmocka_unit_test(test_garbage_fails_the_handshake),
		cmocka_unit_test(test_protocol_lists), cmocka_unit_test(test_faults_name_the_file),
	};

	return cmocka_run_group_tests_name("tls", tests, make_certificate, remove_certificate);
}
