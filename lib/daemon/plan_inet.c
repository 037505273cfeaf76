/* SPDX-License-Identifier: ISC */
#include "lib/daemon/plan_inet.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>

#include "lib/base/num.h"
#include "lib/conf/param.h"

enum { ARENA_MAX_BYTES = 1 << 20, HOST_MAX = 256, PORT_MAX = 64 };

struct lookup {
	bool ipv4, ipv6;
	const char *port;
	bool (*add)(void *ctx, const struct inet_address *a);
	void *ctx;
	unsigned found;
};

static struct str_list list_of(const struct conf *c, const char *name, struct arena *arena)
{
	struct str_list out = { 0 };
	struct err err = { 0 };
	struct buf b;

	buf_init(&b, 65536);
	if (conf_expand_name(c, slice_str(name), &b, &err) != RC_OK ||
	    param_split_list(buf_slice(&b), arena, &out) != RC_OK)
		out = (struct str_list){ 0 };
	buf_done(&b);
	return out;
}

static bool has_word(const struct str_list *l, const char *word)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], word) == 0)
			return true;
	return false;
}

static bool give(struct lookup *l, const struct addrinfo *ai)
{
	struct inet_address a = { .addr_len = ai->ai_addrlen };
	char host[64], port[16];

	if ((ai->ai_family == AF_INET && !l->ipv4) || (ai->ai_family == AF_INET6 && !l->ipv6))
		return true;
	if (getnameinfo(ai->ai_addr, ai->ai_addrlen, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return true;
	memcpy(&a.addr, ai->ai_addr, ai->ai_addrlen);
	snprintf(a.text, sizeof(a.text), ai->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		 port);
	l->found++;
	return l->add(l->ctx, &a);
}

/* The resolver takes the lower 16 bits of larger numbers. */
static bool is_port(const char *port)
{
	struct slice s = slice_str(port);
	uint32_t n;

	for (size_t i = 0; i < s.n; i++)
		if (!char_is_digit(s.p[i]))
			return true;	/* a name, which the resolver knows or not */
	return num_u32(s, UINT16_MAX, &n) == RC_OK && n > 0;
}

static enum rc resolve(struct lookup *l, const char *host, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC,
				  .ai_flags = AI_PASSIVE };
	struct addrinfo *list = NULL;
	int code = is_port(l->port) ? getaddrinfo(host, l->port, &hints, &list) : EAI_SERVICE;

	if (code == EAI_SERVICE)
		return err_set(err, RC_SYNTAX, "unknown port \"%s\"", l->port);
	if (code != 0)
		return err_set(err, RC_SYNTAX, "host \"%s\": %s", host, gai_strerror(code));
	for (const struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
		if (!give(l, ai))
			break;
	freeaddrinfo(list);
	return RC_OK;
}

/* The words of inet_interfaces. */
static enum rc resolve_interfaces(struct lookup *l, const struct str_list *interfaces,
				  struct err *err)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < interfaces->n && rc == RC_OK; i++) {
		const char *word = interfaces->v[i];
		char host[HOST_MAX];
		struct slice s = slice_str(word);

		if (strcmp(word, "all") == 0) {
			rc = l->ipv4 ? resolve(l, "0.0.0.0", err) : RC_OK;
			if (rc == RC_OK && l->ipv6)
				rc = resolve(l, "::", err);
		} else if (strcmp(word, "loopback-only") == 0) {
			rc = l->ipv4 ? resolve(l, "127.0.0.1", err) : RC_OK;
			if (rc == RC_OK && l->ipv6)
				rc = resolve(l, "::1", err);
		} else {
			if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
				s = slice_sub(s, 1, s.n - 2);
			rc = slice_to_cstr(s, host, sizeof(host)) ? resolve(l, host, err)
				: err_set(err, RC_SYNTAX, "inet_interfaces: bad \"%s\"", word);
		}
	}
	return rc;
}

/* host:port, [address]:port or port. */
static bool split(const char *name, char *host, char *port)
{
	struct slice s = slice_str(name);
	ptrdiff_t colon = slice_rchr(s, ':');
	struct slice h = { 0 };

	if (colon >= 0) {
		h = slice_sub(s, 0, (size_t)colon);
		s = slice_skip(s, (size_t)colon + 1);
	}
	if (h.n > 2 && h.p[0] == '[' && h.p[h.n - 1] == ']')
		h = slice_sub(h, 1, h.n - 2);
	return s.n > 0 && slice_to_cstr(h, host, HOST_MAX) && slice_to_cstr(s, port, PORT_MAX);
}

enum rc plan_inet_addresses(const struct conf *c, const char *name,
			    bool (*add)(void *ctx, const struct inet_address *a), void *ctx,
			    struct err *err)
{
	struct lookup l = { .add = add, .ctx = ctx };
	char host[HOST_MAX], port[PORT_MAX];
	struct str_list protocols, interfaces;
	struct arena arena;
	enum rc rc;

	if (!split(name, host, port))
		return err_set(err, RC_SYNTAX, "bad address \"%s\"", name);
	arena_init(&arena, ARENA_MAX_BYTES);
	protocols = list_of(c, "inet_protocols", &arena);
	interfaces = list_of(c, "inet_interfaces", &arena);
	l.ipv4 = has_word(&protocols, "all") || has_word(&protocols, "ipv4");
	l.ipv6 = has_word(&protocols, "all") || has_word(&protocols, "ipv6");
	l.port = port;
	rc = host[0] != '\0' ? resolve(&l, host, err)
			     : resolve_interfaces(&l, &interfaces, err);
	arena_done(&arena);
	if (rc == RC_OK && l.found == 0)
		return err_set(err, RC_SYNTAX, "no address of the protocols in inet_protocols");
	return rc;
}
