/* SPDX-License-Identifier: ISC */
#include "login/say.h"

static void put_client(const struct say_client *c, uint32_t job_pid, struct buf *out)
{
	buf_addf(out, "user=<%s>, ", c->user);
	if (c->method[0] != '\0')
		buf_addf(out, "method=%s, ", c->method);
	buf_addf(out, "rip=%s, lip=%s, ", c->remote_addr, c->local_addr);
	if (job_pid != 0)
		buf_addf(out, "mpid=%u, ", job_pid);
	if (c->tls_error != NULL)
		buf_addf(out, "TLS handshaking: SSL_accept() failed: %s, ", c->tls_error);
	else if (c->is_tls)
		buf_adds(out, "TLS, ");
	else if (c->is_secured)
		buf_adds(out, "secured, ");
	buf_addf(out, "session=<%s>", c->session);
}

void say_login(const struct say_client *c, uint32_t job_pid, struct buf *out)
{
	buf_adds(out, "Login: ");
	put_client(c, job_pid, out);
}

static void put_reason(const struct say_client *c, struct buf *out)
{
	if (c->never_greeted)
		buf_addf(out, "(disconnected before auth was ready, waited %u secs)", c->age_s);
	else if (c->attempts == 0)
		buf_addf(out, "(no auth attempts in %u secs)", c->age_s);
	else if (c->successes > 0)
		buf_addf(out, "(internal failure, %u successful auths)", c->successes);
	else if (c->tried_plaintext)
		buf_adds(out, "(tried to use disallowed plaintext auth)");
	else if (c->tried_unknown_mech)
		buf_adds(out, "(tried to use unsupported auth mechanism)");
	else if (c->is_exchanging && c->attempts == 1)
		buf_addf(out, "(client didn't finish SASL auth, waited %u secs)", c->auth_s);
	else if (c->is_disabled)
		buf_adds(out, "(user disabled)");
	else if (c->is_expired)
		buf_adds(out, "(password expired)");
	else
		buf_addf(out, "(auth failed, %u attempts in %u secs)", c->attempts, c->auth_s);
}

void say_end(const struct say_client *c, const char *why, struct buf *out)
{
	buf_addf(out, "Disconnected: %s ", why);
	put_reason(c, out);
	buf_adds(out, ": ");
	put_client(c, 0, out);
}
