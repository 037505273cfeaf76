/* A session: bytes between the client's connection and the engine, events to those who decide. */
/* SPDX-License-Identifier: ISC */
#include "smtpd/session.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "smtpd/names.h"

enum {
	COMMAND_ARENA_MAX = 64 << 20,
	NAME_WAIT_MS = 30000,
	NUMBER_STEP = 10000000		/* so numbers of workers differ: the lower part is the pid */
};

static void start_dialogue(struct session *s);

/* --- the end --- */

static void die(struct task *t)
{
	struct session *s = LIST_ENTRY(t, struct session, bury);
	struct smtpd *d = s->d;

	conn_close(&s->conn);
	arena_done(&s->command);
	arena_done(&s->message.arena);
	arena_done(&s->message.rcpts);
	smtp_server_done(&s->smtp);
	free(s);
	d->n_sessions--;
	if (d->on_count != NULL)
		d->on_count(d, -1);
}

static void log_disconnect(struct session *s)
{
	struct buf b;

	buf_init(&b, 1000);
	smtp_server_counts(&s->smtp, &b);
	log_info(&s->log, "disconnect from %s %s", s->namaddr, buf_cstr(&b));
	buf_done(&b);
}

void session_end(struct session *s)
{
	struct smtpd *d = s->d;

	if (s->is_over)
		return;
	s->is_over = true;
	if (s->request != 0 && (s->waits & WAITS_AUTH))
		auth_cancel(s);
	ask_end(s, &s->request);
	message_reset(s);
	if (s->has_memo)
		table_memo_done(&s->memo);
	s->has_memo = false;
	if (s->is_counted && d->anvil != NULL)
		anvil_disconnect_send(d->anvil,
				      &(struct anvil_disconnect){ .key = slice_str(s->key) });
	if (s->is_named)
		log_disconnect(s);
	timer_stop(&s->timer);
	list_remove(&s->link);
	conn_close(&s->conn);
	loop_defer(d->loop, &s->bury, die);
}

/* "4ABC01: lost connection after DATA (12 bytes) from host[addr]"; without a message no NOQUEUE, as
 * Postfix wrote it up to 3.9: what fail2ban looks for in Debian 12. */
static void log_broken(struct session *s, const char *what)
{
	struct buf where;

	buf_init(&where, 100);
	smtp_server_where(&s->smtp, &where);
	log_info(s->message.queue_id[0] != '\0' ? &s->message.log : &s->log,
		 "%s after %s from %s", what, buf_cstr(&where), s->namaddr);
	buf_done(&where);
}

/* As Postfix: the library's own words are a warning. */
static void log_tls_failure(struct session *s, const char *why)
{
	bool is_library = strncmp(why, "error:", 6) == 0;

	log_info(&s->log, "SSL_accept error from %s: %s", s->namaddr, is_library ? "-1" : why);
	if (is_library)
		log_warn(&s->log, "TLS library problem: %s", why);
}

/* --- time --- */

static void wait_for_client(struct session *s, size_t consumed, bool in_content)
{
	const struct smtpd_params *p = &s->d->p;
	int64_t now = loop_now_ms(s->d->loop), left = p->smtpd_timeout;

	if (p->smtpd_per_request_deadline && timer_is_running(&s->timer)) {
		left = s->timer.node.key - now;
		if (in_content)
			left += (int64_t)consumed * 1000 / p->smtpd_min_data_rate;
		else if (consumed > 0)
			left = p->smtpd_timeout;
		left = left > p->smtpd_timeout ? p->smtpd_timeout : left < 1 ? 1 : left;
	}
	timer_start(&s->timer, left);
}

/* Whose answer is missing. */
static const char *service_name(unsigned waits)
{
	return waits & WAITS_CLEANUP ? "the cleanup service" : waits & WAITS_AUTH ? "the auth service"
	     : waits & WAITS_ANVIL ? "the anvil service" : "a lookup table";
}

static void on_timer(struct timer *t)
{
	struct session *s = LIST_ENTRY(t, struct session, timer);

	if (s->waits & WAITS_CLOCK) {
		session_done_waiting(s, WAITS_CLOCK);
		return;
	}
	if (s->message.waits_for_channel) {
		message_no_channel(s);
		return;
	}
	if (s->message.waits_for_room) {
		message_hand_over(s);
		return;
	}
	if (s->waits & WAITS_NAME) {
		ask_end(s, &s->request);
		session_done_waiting(s, WAITS_NAME);
		return;
	}
	if (s->waits & WAITS_SERVICES)
		log_warn(&s->log, "no answer from %s in ipc_timeout", service_name(s->waits));
	if (s->waits & WAITS_TLS) {
		log_tls_failure(s, "Connection timed out");
		log_broken(s, "lost connection");
	} else {
		log_broken(s, "timeout");
		smtp_server_timed_out(&s->smtp, &s->d->out);
		conn_write(&s->conn, buf_slice(&s->d->out));
		buf_reset(&s->d->out);
	}
	/* Written without waiting for it: the client is silent anyway. */
	conn_close_after_flush(&s->conn);
	smtp_server_close(&s->smtp);
}

/* --- events of the engine --- */

static void memo_ready(struct table_memo *m)
{
	struct session *s = m->owner;

	session_done_waiting(s, WAITS_TABLE);
}

/* Decide what is asked; when an answer is missing, be called again. */
static void decide(struct session *s)
{
	bool done = command_decide(s);

	if (!done && s->memo.pending > 0)
		s->waits |= WAITS_TABLE;
	if (done) {
		table_memo_done(&s->memo);
		s->has_memo = false;
		arena_reset(&s->command);
	}
}

static void begin_decision(struct session *s, enum smtp_event ev)
{
	s->asked = ev;
	s->has_rate = false;
	table_memo_init(&s->memo, &s->command, memo_ready, s);
	s->has_memo = true;
	decide(s);
}

static void begin_tls(struct session *s)
{
	conn_discard_input(&s->conn);
	s->waits |= WAITS_TLS;
	timer_start(&s->timer, s->d->p.smtpd_starttls_timeout);
	conn_pause(&s->conn, false);
	conn_start_filter(&s->conn, tls_server_filter(s->d->tls));
}

static void pause_for(struct session *s, int64_t ms)
{
	s->waits |= WAITS_CLOCK;
	timer_start(&s->timer, ms);
}

static void log_engine_reject(struct session *s)
{
	struct buf where;

	buf_init(&where, 100);
	if (s->message.fd >= 0)
		buf_adds(&where, "END-OF-MESSAGE");
	else
		smtp_server_where(&s->smtp, &where);
	report_reject_text(s, buf_cstr(&where), s->smtp.ev.note);
	buf_done(&where);
}

static void handle(struct session *s, enum smtp_event ev)
{
	const struct smtp_server_data *data = &s->smtp.ev;

	switch (ev) {
	case SMTP_EV_NOTE:
		log_at(data->note_is_warning ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
		       s->message.queue_id[0] != '\0' ? &s->message.log : &s->log, "%.*s",
		       SLICE_ARG(data->note));
		break;
	case SMTP_EV_REJECT:
		log_engine_reject(s);
		break;
	case SMTP_EV_PAUSE:
		pause_for(s, data->pause_ms);
		break;
	case SMTP_EV_CONTENT:
		message_content(s);
		break;
	case SMTP_EV_ABORT:
		buf_reset(&s->d->content);
		message_reset(s);
		break;
	case SMTP_EV_AUTH_CANCEL:
		auth_cancel(s);
		break;
	case SMTP_EV_SECURE:
		begin_tls(s);
		break;
	case SMTP_EV_COMMIT:
		message_content(s);
		begin_decision(s, ev);
		break;
	default:
		begin_decision(s, ev);
	}
}

static void flush_out(struct session *s)
{
	conn_write(&s->conn, buf_slice(&s->d->out));
	buf_reset(&s->d->out);
}

/* Steps until input or an answer is missing. */
static void step(struct session *s)
{
	size_t consumed = 0;
	bool in_content = false;

	while (!s->is_over && s->waits == 0) {
		struct slice in = conn_input(&s->conn);
		size_t had = in.n;
		enum smtp_event ev = smtp_server_step(&s->smtp, &in, &s->d->out, &s->d->content);

		conn_consume(&s->conn, had - in.n);
		consumed += had - in.n;
		in_content = in_content || ev == SMTP_EV_CONTENT;
		flush_out(s);
		if (ev == SMTP_EV_MORE) {
			wait_for_client(s, consumed, in_content);
			return;
		}
		if (ev == SMTP_EV_CLOSE) {
			timer_stop(&s->timer);
			conn_close_after_flush(&s->conn);
			return;
		}
		handle(s, ev);
	}
}

void session_run(struct session *s)
{
	if (s->is_over || s->is_running || s->smtp.state == SMTP_CLOSED)
		return;
	s->is_running = true;
	step(s);
	s->is_running = false;
	/* The client is not the one who is slow. */
	if ((s->waits & WAITS_SERVICES) != 0 && !s->message.waits_for_channel &&
	    !s->message.waits_for_room)
		timer_start(&s->timer, s->d->base.ipc_timeout);
	conn_pause(&s->conn, s->waits != 0 && (s->waits & WAITS_TLS) == 0);
}

void session_done_waiting(struct session *s, enum waits what)
{
	s->waits &= ~(unsigned)what;
	if (s->is_over || s->is_running)
		return;
	if (what == WAITS_NAME) {
		start_dialogue(s);
		return;
	}
	if (what == WAITS_CLOCK || (what & WAITS_SERVICES) != 0)
		timer_stop(&s->timer);
	/* What was asked is not yet answered: a table or a count was missing. */
	if (s->smtp.state == SMTP_ASKED && s->smtp.told && !s->smtp.answered && s->waits == 0)
		decide(s);
	else if (s->smtp.answered && s->has_memo)
		table_memo_done(&s->memo), s->has_memo = false, arena_reset(&s->command);
	session_run(s);
}

/* --- the connection --- */

static void on_data(struct conn *c, void *owner)
{
	(void)c;
	session_run(owner);
}

static void on_conn_end(struct conn *c, void *owner, enum conn_end why)
{
	struct session *s = owner;

	if (why == CONN_TLS_ERROR && c->filter != NULL && (s->waits & WAITS_TLS))
		log_tls_failure(s, c->filter->ops->error(c->filter));
	if (s->smtp.state != SMTP_CLOSED && s->is_named)
		log_broken(s, "lost connection");
	session_end(s);
}

static void on_secure(struct conn *c, void *owner)
{
	struct session *s = owner;
	struct buf b;

	tls_filter_info(c->filter, &s->tls);
	if (s->d->p.smtpd_tls_loglevel[0] != '0') {
		buf_init(&b, 500);
		tls_info_print(&s->tls, &b);
		log_info(&s->log, "Anonymous TLS connection established from %s: %s", s->namaddr,
			 buf_cstr(&b));
		buf_done(&b);
	}
	timer_stop(&s->timer);
	s->waits &= ~(unsigned)WAITS_TLS;
	s->sasl_user[0] = s->sasl_method[0] = '\0';
	if (s->smtp.state == SMTP_SECURING)
		smtp_server_secured(&s->smtp);
	else
		s->smtp.secure = true;
	s->smtp.mechanisms = auth_offer(s);	/* some clients do not ask again */
	session_run(s);
}

static const struct conn_ops ops = { .on_data = on_data, .on_end = on_conn_end,
				     .on_secure = on_secure };

static void address_text(const struct sockaddr_storage *a, char *addr, size_t n, char *port,
			 size_t port_n)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)a;
	const struct sockaddr_in *four = (const struct sockaddr_in *)a;
	bool is_mapped = a->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr);

	if (a->ss_family == AF_INET || is_mapped) {
		inet_ntop(AF_INET, is_mapped ? (const void *)&six->sin6_addr.s6_addr[12]
					     : (const void *)&four->sin_addr, addr, (socklen_t)n);
		snprintf(port, port_n, "%u", ntohs(is_mapped ? six->sin6_port : four->sin_port));
	} else if (a->ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &six->sin6_addr, addr, (socklen_t)n);
		snprintf(port, port_n, "%u", ntohs(six->sin6_port));
	} else {
		/* Not a network socket: a test, or a program of this host. */
		snprintf(addr, n, "127.0.0.1");
		snprintf(port, port_n, "0");
	}
}

/* "smtp:192.0.2.1": the client as anvil counts it, by the configured part of its address. */
static void make_key(struct session *s)
{
	const struct smtpd_params *p = &s->d->p;
	unsigned char bytes[16] = { 0 };
	bool six = strchr(s->addr, ':') != NULL;
	int family = six ? AF_INET6 : AF_INET, n = six ? 16 : 4;
	int64_t bits = six ? p->smtpd_client_ipv6_prefix_length : p->smtpd_client_ipv4_prefix_length;
	char block[INET6_ADDRSTRLEN] = "";

	inet_pton(family, s->addr, bytes);
	for (int i = 0; i < n; i++) {
		int64_t keep = bits - i * 8;

		if (keep < 8)
			bytes[i] &= keep <= 0 ? 0 : (unsigned char)(0xff << (8 - keep));
	}
	inet_ntop(family, bytes, block, sizeof(block));
	snprintf(s->key, sizeof(s->key), "%s:%s", s->d->service, block);
}

static void find_address(struct session *s, int fd)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t n = sizeof(peer);

	if (getpeername(fd, (struct sockaddr *)&peer, &n) < 0)
		peer.ss_family = AF_UNSPEC;
	address_text(&peer, s->addr, sizeof(s->addr), s->port, sizeof(s->port));
}

void session_find_local(struct session *s)
{
	struct sockaddr_storage own = { 0 };
	socklen_t n = sizeof(own);

	if (getsockname(s->conn.io.fd, (struct sockaddr *)&own, &n) < 0)
		own.ss_family = AF_UNSPEC;
	address_text(&own, s->local_addr, sizeof(s->local_addr), s->local_port,
		     sizeof(s->local_port));
}

/* The client has a name now, or never will. */
static void start_dialogue(struct session *s)
{
	const struct smtpd_params *p = &s->d->p;

	timer_stop(&s->timer);
	if (s->name[0] == '\0')
		snprintf(s->name, sizeof(s->name), "unknown");
	snprintf(s->namaddr, sizeof(s->namaddr), "%s[%s]%s%s", s->name, s->addr,
		 p->smtpd_client_port_logging ? ":" : "",
		 p->smtpd_client_port_logging ? s->port : "");
	s->is_named = true;
	log_info(&s->log, "connect from %s", s->namaddr);
	make_key(s);
	if (p->smtpd_tls_wrappermode && s->d->tls != NULL)
		begin_tls(s);
	else
		session_run(s);
}

static void ask_name(struct session *s)
{
	struct ipc_chan *chan = s->d->resolver;

	s->has_verified_name = names_find(s->d->names, s->addr, loop_now_ms(s->d->loop), s->name,
					  sizeof(s->name));
	if (s->has_verified_name || !s->d->p.smtpd_peername_lookup || chan == NULL ||
	    !ipc_chan_is_open(chan) || (s->request = ask_begin(s)) == 0)
		return;
	s->waits |= WAITS_NAME;
	timer_start(&s->timer, NAME_WAIT_MS);
	resolver_ask_send(chan, &(struct resolver_ask){ .id = s->request, .kind = 1,
							.name = slice_str(s->addr) });
}

void smtpd_accept(struct smtpd *d, int fd)
{
	struct session *s = mem_new(1, sizeof(*s));

	s->d = d;
	d->n_sessions++;
	s->log.session = d->next_number += NUMBER_STEP;
	s->noqueue = (struct log_ctx){ .parent = &s->log, .queue_id = SLICE_LIT("NOQUEUE") };
	task_init(&s->bury);
	timer_init(&s->timer, d->loop, on_timer);
	arena_init(&s->command, COMMAND_ARENA_MAX);
	message_init(s);
	list_append(&d->sessions, &s->link);
	find_address(s, fd);
	smtp_server_init(&s->smtp, &d->engine, s->namaddr);
	conn_init(&s->conn, d->loop, fd, SMTPD_INPUT_MAX, SMTPD_OUTPUT_MAX, &ops, s);
	if (d->on_count != NULL)
		d->on_count(d, 1);
	ask_name(s);
	if (s->waits == 0)
		start_dialogue(s);
	else if (d->p.smtpd_tls_wrappermode)
		conn_pause(&s->conn, true);	/* the handshake is not ours to read */
}
