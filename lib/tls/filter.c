/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/tls/tls_int.h"

static struct tls_filter *of(struct conn_filter *f)
{
	return LIST_ENTRY(f, struct tls_filter, base);
}

/* Why a connection failed: OpenSSL's own line with its number, as log tools know it. */
static void keep_error(struct tls_filter *t)
{
	unsigned long e = ERR_get_error();

	if (ERR_GET_REASON(e) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		snprintf(t->why, sizeof(t->why), "lost connection");
	else
		ERR_error_string_n(e, t->why, sizeof(t->why));
	ERR_clear_error();
}

/* What OpenSSL said, in the words of conn.h; 0 is a clean end of the stream. */
static int result(struct tls_filter *t, int rc)
{
	int saved = errno;

	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ: return FILTER_WANT_READ;
	case SSL_ERROR_WANT_WRITE: return FILTER_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN: return 0;
	case SSL_ERROR_SYSCALL:
		snprintf(t->why, sizeof(t->why), "%s",
			 saved != 0 ? strerror(saved) : "lost connection");
		ERR_clear_error();
		return FILTER_FAILED;
	default:
		keep_error(t);
		return FILTER_FAILED;
	}
}

static int filter_handshake(struct conn_filter *f, int fd)
{
	struct tls_filter *t = of(f);
	int rc;

	if (!t->has_fd && SSL_set_fd(t->ssl, fd) != 1) {
		keep_error(t);
		return FILTER_FAILED;
	}
	t->has_fd = true;
	ERR_clear_error();
	errno = 0;
	rc = SSL_accept(t->ssl);
	if (rc == 1)
		return 1;
	rc = result(t, rc);
	if (rc == 0) {
		snprintf(t->why, sizeof(t->why), "lost connection");
		return FILTER_FAILED;
	}
	return rc;
}

static int at_most_int(size_t n)
{
	return n > INT_MAX ? INT_MAX : (int)n;
}

/* A peer that goes away without close_notify has ended the stream as well: whoever reads it has
 * framing of its own. */
static ssize_t filter_read(struct conn_filter *f, int fd, void *p, size_t n)
{
	struct tls_filter *t = of(f);
	int rc;

	(void)fd;
	ERR_clear_error();
	errno = 0;
	rc = SSL_read(t->ssl, p, at_most_int(n));
	if (rc > 0)
		return rc;
	if (SSL_get_error(t->ssl, rc) == SSL_ERROR_SSL &&
	    ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		ERR_clear_error();
		return 0;
	}
	return result(t, rc);
}

static ssize_t filter_write(struct conn_filter *f, int fd, const void *p, size_t n)
{
	struct tls_filter *t = of(f);
	int rc;

	(void)fd;
	ERR_clear_error();
	errno = 0;
	rc = SSL_write(t->ssl, p, at_most_int(n));
	if (rc > 0)
		return rc;
	rc = result(t, rc);
	return rc == 0 ? FILTER_FAILED : rc;
}

static bool filter_pending(struct conn_filter *f)
{
	return SSL_pending(of(f)->ssl) > 0;
}

static void filter_shutdown(struct conn_filter *f, int fd)
{
	struct tls_filter *t = of(f);

	(void)fd;
	ERR_clear_error();
	if (SSL_is_init_finished(t->ssl) && SSL_shutdown(t->ssl) < 0)
		ERR_clear_error();
}

static void filter_free(struct conn_filter *f)
{
	struct tls_filter *t = of(f);

	SSL_free(t->ssl);
	free(t);
}

static const char *filter_error(struct conn_filter *f)
{
	return of(f)->why;
}

struct conn_filter *tls_server_filter(struct tls_server *s)
{
	static const struct conn_filter_ops ops = {
		.handshake = filter_handshake, .read = filter_read, .write = filter_write,
		.pending = filter_pending, .shutdown = filter_shutdown, .free = filter_free,
		.error = filter_error,
	};
	struct tls_filter *t = mem_new(1, sizeof(*t));

	t->base.ops = &ops;
	t->ssl = SSL_new(s->ctx);
	if (t->ssl == NULL) {
		free(t);
		return NULL;
	}
	SSL_set_accept_state(t->ssl);
	return &t->base;
}
