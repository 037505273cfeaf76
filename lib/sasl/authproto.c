/* SPDX-License-Identifier: ISC */
#include "lib/sasl/authproto.h"

#include "lib/base/base64.h"
#include "lib/base/num.h"

/* NUL, 001, TAB, CR and LF stand behind a 001 as 0, 1, t, r and n. */
static bool unescape(struct arena *arena, struct slice in, struct slice *out)
{
	struct slice copy;
	char *to;

	if (slice_chr(in, '\001') < 0) {
		*out = in;
		return true;
	}
	copy = arena_slice(arena, in);
	if (copy.p == NULL)
		return false;
	to = (char *)copy.p;
	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (c == '\001' && i + 1 < in.n) {
			c = in.p[++i];
			c = c == '0' ? '\0' : c == '1' ? '\001' : c == 't' ? '\t' :
			    c == 'r' ? '\r' : c == 'n' ? '\n' : c;
		}
		*to++ = c;
	}
	*out = slice_make(copy.p, (size_t)(to - copy.p));
	return true;
}

static void put_escaped(struct buf *out, struct slice in)
{
	static const char plain[] = "\0\001\t\r\n", coded[] = "01trn";

	for (size_t i = 0; i < in.n; i++) {
		const char *p = memchr(plain, in.p[i], sizeof(plain) - 1);

		if (p == NULL) {
			buf_addc(out, in.p[i]);
			continue;
		}
		buf_addc(out, '\001');
		buf_addc(out, coded[p - plain]);
	}
}

static bool take_u32(struct slice *rest, uint32_t *out)
{
	struct slice field;

	return slice_split(rest, '\t', &field) && num_u32(field, UINT32_MAX, out) == RC_OK;
}

/* A port that is no number is somebody's rarity and only for the log. */
static uint16_t port_of(struct slice value)
{
	uint32_t v;

	return num_u32(value, UINT16_MAX, &v) == RC_OK ? (uint16_t)v : 0;
}

static bool take_param(struct slice param, struct arena *arena, struct authproto_line *out)
{
	struct slice name = param, value = { 0 };
	ptrdiff_t eq = slice_chr(param, '=');

	if (eq >= 0) {
		name = slice_sub(param, 0, (size_t)eq);
		if (!unescape(arena, slice_skip(param, (size_t)eq + 1), &value))
			return false;
	}
	if (slice_is(name, "service") || slice_is(name, "protocol"))
		out->service = value;
	else if (slice_is(name, "session"))
		out->session = value;
	else if (slice_is(name, "lip"))
		out->local_addr = value;
	else if (slice_is(name, "rip"))
		out->remote_addr = value;
	else if (slice_is(name, "lport"))
		out->local_port = port_of(value);
	else if (slice_is(name, "rport"))
		out->remote_port = port_of(value);
	else if (slice_is(name, "secured"))
		out->is_secured = true;
	return true;
}

/* Whatever follows resp= is what a stranger typed, even with a TAB in it. */
static enum rc parse_auth(struct slice rest, struct arena *arena, struct authproto_line *out,
			  struct err *err)
{
	struct slice param;

	if (!take_u32(&rest, &out->id) || !slice_split(&rest, '\t', &out->mech) ||
	    out->mech.n == 0)
		return err_set(err, RC_SYNTAX, "AUTH without request number or mechanism");
	while (rest.p != NULL) {
		if (slice_starts(rest, SLICE_LIT("resp="))) {
			out->has_response = true;
			out->response = slice_skip(rest, 5);
			break;
		}
		(void)slice_split(&rest, '\t', &param);
		if (!take_param(param, arena, out))
			return err_set(err, RC_LIMIT, "AUTH with too many parameters");
	}
	return RC_OK;
}

static enum rc parse_rest(struct slice rest, struct arena *arena, struct authproto_line *out,
			  struct err *err)
{
	switch (out->verb) {
	case AUTHPROTO_VERSION:
		if (take_u32(&rest, &out->major) && take_u32(&rest, &out->minor))
			return RC_OK;
		return err_set(err, RC_SYNTAX, "VERSION without two numbers");
	case AUTHPROTO_CPID:
		if (take_u32(&rest, &out->pid))
			return RC_OK;
		return err_set(err, RC_SYNTAX, "CPID without a number");
	case AUTHPROTO_AUTH:
		return parse_auth(rest, arena, out, err);
	case AUTHPROTO_CONT:
		if (!take_u32(&rest, &out->id) || rest.p == NULL)
			return err_set(err, RC_SYNTAX, "CONT without request number or data");
		out->response = rest;
		return RC_OK;
	case AUTHPROTO_CANCEL:
		if (take_u32(&rest, &out->id))
			return RC_OK;
		return err_set(err, RC_SYNTAX, "CANCEL without request number");
	case AUTHPROTO_OTHER:
		return RC_OK;
	}
	return RC_OK;
}

enum rc authproto_parse(struct slice line, struct arena *arena, struct authproto_line *out,
			struct err *err)
{
	static const char *const verbs[] = {
		[AUTHPROTO_VERSION] = "VERSION", [AUTHPROTO_CPID] = "CPID",
		[AUTHPROTO_AUTH] = "AUTH", [AUTHPROTO_CONT] = "CONT",
		[AUTHPROTO_CANCEL] = "CANCEL",
	};
	struct slice rest = line, verb;

	*out = (struct authproto_line){ .verb = AUTHPROTO_OTHER };
	if (slice_has_nul(line) || !slice_split(&rest, '\t', &verb) || verb.n == 0)
		return err_set(err, RC_SYNTAX, "line without a command, or with NUL");
	for (unsigned i = AUTHPROTO_VERSION; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (slice_is(verb, verbs[i]))
			out->verb = i;
	return parse_rest(rest, arena, out, err);
}

void authproto_put_hello(struct buf *out)
{
	buf_addf(out, "VERSION\t%d\t%d\n", AUTHPROTO_MAJOR, AUTHPROTO_MINOR);
}

void authproto_put_mech(struct buf *out, const char *name, bool is_plaintext)
{
	buf_addf(out, "MECH\t%s%s\n", name, is_plaintext ? "\tplaintext" : "");
}

void authproto_put_done(struct buf *out, uint32_t server_pid, uint32_t connection,
			const unsigned char cookie[16])
{
	buf_addf(out, "SPID\t%u\nCUID\t%u\nCOOKIE\t", server_pid, connection);
	for (int i = 0; i < 16; i++)
		buf_addf(out, "%02x", cookie[i]);
	buf_adds(out, "\nDONE\n");
}

void authproto_put_cont(struct buf *out, uint32_t id, struct slice data)
{
	buf_addf(out, "CONT\t%u\t", id);
	base64_encode(data, out);
	buf_addc(out, '\n');
}

void authproto_put_ok(struct buf *out, uint32_t id, struct slice user, struct slice data)
{
	buf_addf(out, "OK\t%u\tuser=", id);
	put_escaped(out, user);
	if (data.n > 0) {
		buf_adds(out, "\tresp=");
		base64_encode(data, out);
	}
	buf_addc(out, '\n');
}

void authproto_put_fail(struct buf *out, uint32_t id, enum authproto_code code,
			struct slice user, struct slice reason)
{
	static const char *const codes[] = {
		[AUTHPROTO_WRONG] = NULL,
		[AUTHPROTO_TEMP_FAIL] = "temp_fail",
		[AUTHPROTO_AUTHZ_FAIL] = "authz_fail",
		[AUTHPROTO_USER_DISABLED] = "user_disabled",
		[AUTHPROTO_PASS_EXPIRED] = "pass_expired",
		[AUTHPROTO_INVALID_BASE64] = "invalid_base64",
	};

	buf_addf(out, "FAIL\t%u", id);
	if (user.n > 0) {
		buf_adds(out, "\tuser=");
		put_escaped(out, user);
	}
	if (codes[code] != NULL)
		buf_addf(out, "\tcode=%s", codes[code]);
	if (reason.n > 0) {
		buf_adds(out, "\treason=");
		put_escaped(out, reason);
	}
	buf_addc(out, '\n');
}
