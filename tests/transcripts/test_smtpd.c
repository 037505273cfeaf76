/* tests/transcripts/test_smtpd.c - transcripts over the real server: sessions, restrictions,
 * queue file and log, with the other programs played here, all on one loop under a fake clock.
 *
 * conf lines are lines of main.cf, besides
 *	resolver = NAME|!NAME|none	the client's name (default client.test); !: one that leads
 *				elsewhere; none: it has none
 *	anvil = C R		connections and rate that anvil counts
 *	auth = off		no authentication service
 *	memory = N		bytes for the recipients of a message
 *	early = TEXT		what the client says before it is accepted
 *	cleanup = off | CODE DSN TEXT	no cleanup, or what it answers to COMMIT (default 250)
 * Tables of proxy: answer later: keys that begin with "bad" are found, with REJECT, "broken"
 * fails, all others are not found. The only account is bob, password secret. Side channel: the
 * log without its tag, and lines "cleanup: ..." for what it gets, with LF in content shown as "|".
 * Events: "cleanup gone", "cleanup back". */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/daemon/peer.h"
#include "lib/sys/log.h"
#include "smtpd/smtpd.h"
#include "tests/lib/transcript.h"

#define DEFAULTS \
	"compatibility_level = 3.6\nmyhostname = mx.demo.test\nmydomain = demo.test\n" \
	"myorigin = demo.test\nmydestination = demo.test, localhost\ninet_interfaces = 127.0.0.1\n" \
	"mynetworks = 192.0.2.0/24\nalias_maps =\nlocal_recipient_maps = inline:{alice=1,bob=1}\n" \
	"virtual_mailbox_domains = vm.test\nvirtual_mailbox_maps = inline:{carol@vm.test=1}\n" \
	"virtual_alias_domains = va.test\nvirtual_alias_maps = inline:{dave@va.test=alice}\n" \
	"relay_domains = relay.test\nrelay_recipient_maps = inline:{ed@relay.test=1}\n" \
	"smtpd_forbid_unauth_pipelining = no\nsmtpd_error_sleep_time = 0\n" \
	"local_header_rewrite_clients =\n"

enum { LINK_CLEANUP, LINK_RESOLVER, LINK_ANVIL, LINK_AUTH, N_LINKS };

struct world {
	struct smtpd server;
	struct loop *loop;
	struct conf *conf;
	struct arena arena;
	struct faults faults;
	struct peer peers[N_LINKS];	/* the server's ends */
	struct ipc_chan others[N_LINKS];
	int client, log, file;
	char name[64], cleanup_says[200], early[100];
	uint32_t connections, rate;
	uint64_t memory;		/* 0: as usual */
	unsigned next_qid;
	bool auth_is_off, cleanup_is_off, closed;
	struct buf *side;
	char user[64];
};

static const struct ipc_proto *const protos[N_LINKS] = { &cleanup_proto, &resolver_proto,
							 &anvil_proto, &auth_proto };

/* --- the other programs --- */

static struct world *world_of(struct ipc_chan *c)
{
	return c->owner;
}

static void show(struct buf *side, struct slice content)
{
	for (size_t i = 0; i < content.n && i < 2000; i++)
		if (content.p[i] == '\n')
			buf_addc(side, '|');
		else if (char_is_print(content.p[i]))
			buf_addc(side, content.p[i]);
		else
			buf_addf(side, "\\x%02x", (unsigned char)content.p[i]);
}

static enum rc take_open(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = world_of(c);
	struct cleanup_open m;
	char id[16];

	if (cleanup_open_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	buf_addf(w->side, "cleanup: open flags=%u\n", m.flags);
	if (w->file >= 0)
		close(w->file);
	w->file = memfd_create("queue", MFD_CLOEXEC);
	snprintf(id, sizeof(id), "QID%u", ++w->next_qid);
	cleanup_opened_send(c, &(struct cleanup_opened){ .id = m.id, .queue_id = slice_str(id),
							 .file = dup(w->file) });
	return RC_OK;
}

static enum rc take_mail(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = world_of(c);
	struct cleanup_mail m;

	if (cleanup_mail_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	buf_addf(w->side, "cleanup: from=<%.*s> client=%.*s[%.*s] %.*s helo=%.*s sasl=%.*s id=%.*s "
		 "ret=%u envid=%.*s\n", SLICE_ARG(m.sender), SLICE_ARG(m.client_name),
		 SLICE_ARG(m.client_addr), SLICE_ARG(m.client_proto), SLICE_ARG(m.client_helo),
		 SLICE_ARG(m.sasl_user), SLICE_ARG(m.message_id), m.dsn_ret, SLICE_ARG(m.envid));
	return RC_OK;
}

static enum rc take_rcpt(struct ipc_chan *c, struct ipc_reader *r)
{
	struct cleanup_rcpt m;

	if (cleanup_rcpt_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	buf_addf(world_of(c)->side, "cleanup: to=<%.*s> notify=%u orcpt=%.*s\n",
		 SLICE_ARG(m.address), m.notify, SLICE_ARG(m.orcpt));
	return RC_OK;
}

static enum rc take_commit(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = world_of(c);
	struct slice says = slice_str(w->cleanup_says), code, dsn;
	struct cleanup_commit m;
	char content[65536];
	uint64_t n = 250;
	ssize_t got;

	if (cleanup_commit_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	got = pread(w->file, content, sizeof(content), 0);
	buf_addf(w->side, "cleanup: commit hops=%u%s: ", m.hops,
		 got == m.content_bytes ? "" : " WRONG SIZE");
	show(w->side, slice_make(content, got > 0 ? (size_t)got : 0));
	buf_addc(w->side, '\n');
	if (!slice_split(&says, ' ', &code) || num_u64(code, 999, &n) ||
	    !slice_split(&says, ' ', &dsn))
		dsn = SLICE_LIT("2.0.0");
	cleanup_done_send(c, &(struct cleanup_done){ .id = m.id, .code = (uint16_t)n, .dsn = dsn,
						     .text = says });
	return RC_OK;
}

static enum rc take_abort(struct ipc_chan *c, struct ipc_reader *r)
{
	struct cleanup_abort m;

	buf_adds(world_of(c)->side, "cleanup: abort\n");
	return cleanup_abort_get(r, &m);
}

static enum rc take_question(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = world_of(c);
	struct resolver_ask m;
	bool has_name = strcmp(w->name, "none") != 0, is_false = w->name[0] == '!';

	if (resolver_ask_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	resolver_answer_send(c, &(struct resolver_answer){
		.id = m.id, .status = has_name && !is_false ? 0 : 1,
		.name = has_name ? slice_str(w->name + is_false) : (struct slice){ 0 } });
	return RC_OK;
}

static void answer_counts(struct world *w, uint32_t id)
{
	anvil_counts_send(&w->others[LINK_ANVIL], &(struct anvil_counts){
		.id = id, .connections = w->connections, .rate = w->rate });
}

static enum rc take_connect(struct ipc_chan *c, struct ipc_reader *r)
{
	struct anvil_connect m;

	if (anvil_connect_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	answer_counts(world_of(c), m.id);
	return RC_OK;
}

static enum rc take_disconnect(struct ipc_chan *c, struct ipc_reader *r)
{
	struct anvil_disconnect m;

	if (anvil_disconnect_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	buf_addf(world_of(c)->side, "anvil: disconnect %.*s\n", SLICE_ARG(m.key));
	return RC_OK;
}

static enum rc take_event(struct ipc_chan *c, struct ipc_reader *r)
{
	struct anvil_event m;

	if (anvil_event_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	answer_counts(world_of(c), m.id);
	return RC_OK;
}

static void answer_login(struct world *w, uint32_t id, bool good)
{
	struct ipc_chan *c = &w->others[LINK_AUTH];

	if (good)
		auth_success_send(c, &(struct auth_success){ .id = id, .user = SLICE_LIT("bob") });
	else
		auth_failure_send(c, &(struct auth_failure){ .id = id, .user = SLICE_LIT("bob"),
							     .code = AUTH_FAIL_CREDENTIALS });
}

static enum rc take_start(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = world_of(c);
	struct auth_start m;

	if (auth_start_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (slice_is(m.mechanism, "LOGIN") || !m.has_initial)
		auth_challenge_send(c, &(struct auth_challenge){
			.id = m.id, .data = slice_is(m.mechanism, "LOGIN")
						    ? SLICE_LIT("Username:") : SLICE_LIT("") });
	else
		answer_login(w, m.id, slice_eq(m.initial, slice_make("\0bob\0secret", 11)));
	w->user[0] = '\0';
	return RC_OK;
}

static enum rc take_continue(struct ipc_chan *c, struct ipc_reader *r)
{
	struct world *w = world_of(c);
	struct auth_continue m;

	if (auth_continue_get(r, &m) != RC_OK)
		return RC_SYNTAX;
	if (m.data.n > 0 && m.data.p[0] == '\0') {
		answer_login(w, m.id, slice_eq(m.data, slice_make("\0bob\0secret", 11)));
	} else if (w->user[0] == '\0') {
		snprintf(w->user, sizeof(w->user), "%.*s", SLICE_ARG(m.data));
		auth_challenge_send(c, &(struct auth_challenge){ .id = m.id,
								 .data = SLICE_LIT("Password:") });
	} else {
		answer_login(w, m.id, slice_is(m.data, "secret"));
	}
	return RC_OK;
}

static enum rc take_cancel(struct ipc_chan *c, struct ipc_reader *r)
{
	struct auth_cancel m;

	buf_adds(world_of(c)->side, "auth: cancel\n");
	return auth_cancel_get(r, &m);
}

static const struct ipc_handler cleanup_side[] = {
	{ cleanup_open_type, 0, take_open },	 { cleanup_mail_type, 0, take_mail },
	{ cleanup_rcpt_type, 0, take_rcpt },	 { cleanup_commit_type, 0, take_commit },
	{ cleanup_abort_type, 0, take_abort },
};
static const struct ipc_handler resolver_side[] = { { resolver_ask_type, 0, take_question } };
static const struct ipc_handler anvil_side[] = {
	{ anvil_connect_type, 0, take_connect },
	{ anvil_disconnect_type, 0, take_disconnect },
	{ anvil_event_type, 0, take_event },
};
static const struct ipc_handler auth_side[] = {
	{ auth_start_type, 0, take_start },
	{ auth_continue_type, 0, take_continue },
	{ auth_cancel_type, 0, take_cancel },
};

/* --- tables in another process --- */

struct question {
	char key[256];
	void *token;
};

/* Tables know one transport for the whole process, so this is the test's, not a world's. */
static struct question questions[32];
static size_t n_questions;

static enum rc ask_table(void *ctx, struct slice table, struct slice key, void *token,
			 struct err *err)
{
	struct question *q = &questions[n_questions];

	(void)ctx;
	(void)table;
	if (n_questions == 32 || !slice_to_cstr(key, q->key, sizeof(q->key)))
		return err_set(err, RC_TEMP, "too much");
	q->token = token;
	n_questions++;
	return RC_OK;
}

static void answer_tables(void)
{
	size_t n = n_questions;

	n_questions = 0;
	for (size_t i = 0; i < n; i++) {
		struct slice key = slice_str(questions[i].key);

		if (slice_starts(key, SLICE_LIT("broken")))
			table_answer(questions[i].token, RC_TEMP, SLICE_LIT(""));
		else if (slice_starts(key, SLICE_LIT("bad")))
			table_answer(questions[i].token, RC_OK, SLICE_LIT("REJECT"));
		else
			table_answer(questions[i].token, RC_END, SLICE_LIT(""));
	}
}

/* --- the world --- */

static void on_close(struct ipc_chan *c, const struct err *why)
{
	(void)c;
	(void)why;
}

static void add_link(struct world *w, int which, const struct ipc_handler *mine, size_t n_mine,
		     const struct ipc_handler *theirs, size_t n_theirs, struct ipc_chan **slot)
{
	struct peer *p = &w->peers[which];
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	p->owner = &w->server;
	ipc_chan_init(&p->chan, w->loop, fds[0], protos[which], mine, n_mine, on_close, p);
	ipc_chan_init(&w->others[which], w->loop, fds[1], protos[which], theirs, n_theirs,
		      on_close, w);
	smtpd_channel_up(&w->server, slot, &p->chan);
}

static void add_cleanup(struct world *w)
{
	add_link(w, LINK_CLEANUP, smtpd_cleanup_handlers, 3, cleanup_side, 5, &w->server.cleanup);
}

static void add_links(struct world *w)
{
	struct smtpd *d = &w->server;

	if (!w->cleanup_is_off)
		add_cleanup(w);
	add_link(w, LINK_RESOLVER, smtpd_resolver_handlers, 2, resolver_side, 1, &d->resolver);
	add_link(w, LINK_ANVIL, smtpd_anvil_handlers, 1, anvil_side, 3, &d->anvil);
	if (!w->auth_is_off) {
		add_link(w, LINK_AUTH, smtpd_auth_handlers, 4, auth_side, 3, &d->auth);
		auth_mechanisms_send(&w->others[LINK_AUTH], &(struct auth_mechanisms){
			.plaintext = SLICE_LIT("PLAIN LOGIN"), .others = SLICE_LIT("") });
	}
}

/* Log lines, without "tag[number]: ". */
static void take_log(struct world *w)
{
	char line[4096];
	ssize_t n;

	while ((n = recv(w->log, line, sizeof(line), MSG_DONTWAIT)) > 0) {
		struct slice s = slice_make(line, (size_t)n);
		ptrdiff_t at = slice_find(s, SLICE_LIT("]: "));

		s = slice_trim_space(slice_skip(s, at < 0 ? 0 : (size_t)at + 3));
		if (slice_starts(s, SLICE_LIT("improper command pipelining")))
			continue;
		buf_add(w->side, s);
		buf_addc(w->side, '\n');
	}
}

static void turn(struct world *w, int turns, struct transcript_io *io)
{
	char bytes[65536];
	ssize_t n;

	w->side = io->side;
	for (int i = 0; i < turns; i++) {
		loop_turn(w->loop, 0);
		answer_tables();
		take_log(w);
		while (!w->closed && (n = recv(w->client, bytes, sizeof(bytes), MSG_DONTWAIT)) >= 0) {
			if (n == 0)
				w->closed = true;
			buf_add(io->out, slice_make(bytes, (size_t)n));
		}
	}
}

static bool set_world(struct world *w, const struct transcript_conf *c)
{
	uint64_t n;
	struct slice rest = c->value, word;

	if (slice_is(c->name, "resolver"))
		return slice_to_cstr(c->value, w->name, sizeof(w->name));
	if (slice_is(c->name, "early"))
		return slice_to_cstr(c->value, w->early, sizeof(w->early));
	if (slice_is(c->name, "memory"))
		return num_u64(c->value, 1 << 20, &w->memory) == RC_OK;
	if (slice_is(c->name, "auth"))
		return w->auth_is_off = true;
	if (slice_is(c->name, "cleanup")) {
		w->cleanup_is_off = slice_is(c->value, "off");
		return slice_to_cstr(c->value, w->cleanup_says, sizeof(w->cleanup_says));
	}
	if (slice_is(c->name, "anvil") && slice_split(&rest, ' ', &word) &&
	    num_u64(word, 1000, &n) == RC_OK) {
		w->connections = (uint32_t)n;
		return num_u64(rest, 1000, &n) == RC_OK ? (w->rate = (uint32_t)n, true) : false;
	}
	return false;
}

static bool configure(struct world *w, const struct transcript_conf *conf, size_t n)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_adds(&b, DEFAULTS);
	for (size_t i = 0; i < n; i++)
		if (!set_world(w, &conf[i]))
			buf_addf(&b, "%.*s = %.*s\n", SLICE_ARG(conf[i].name),
				 SLICE_ARG(conf[i].value));
	conf_parse(w->conf, "main.cf", buf_slice(&b), &w->faults);
	buf_done(&b);
	smtpd_init(&w->server, w->conf, "smtp", &w->faults);
	if (w->memory > 0)
		w->server.rcpts_max_bytes = w->memory;
	for (const struct fault *f = w->faults.first; f != NULL; f = f->next)
		if (f->is_fatal)
			printf("line %u: %s\n", f->line, f->text);
	return w->faults.fatal_count == 0;
}

static void *world_open(const struct transcript_conf *conf, size_t n, struct transcript_io *io)
{
	struct world *w = mem_new(1, sizeof(*w));
	int fds[2];

	w->file = -1;
	snprintf(w->name, sizeof(w->name), "client.test");
	arena_init(&w->arena, 1 << 20);
	faults_init(&w->faults, &w->arena);
	w->conf = conf_new("/nonexistent");
	w->loop = loop_new();
	loop_fake_clock(w->loop, 1788256800);	/* Tue, 1 Sep 2026 10:00:00 */
	w->server.loop = w->loop;
	if (!configure(w, conf, n))
		return NULL;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	log_open(LOG_SINK_POSTLOG, fds[0], "postfix/smtpd", LOG_MAIL);
	w->log = fds[1];
	w->side = io->side;
	add_links(w);
	for (int i = 0; i < 10; i++)
		loop_turn(w->loop, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	w->client = fds[1];
	if (w->early[0] != '\0')
		dprintf(w->client, "%s\r\n", w->early);
	smtpd_accept(&w->server, fds[0]);
	turn(w, 30, io);
	return w;
}

static void world_input(void *self, struct slice bytes, struct transcript_io *io)
{
	struct world *w = self;
	bool ends_line = slice_chr(bytes, '\n') >= 0;

	while (bytes.n > 0 && !w->closed) {
		ssize_t n = send(w->client, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0)
			break;
		bytes = slice_skip(bytes, (size_t)n);
		turn(w, ends_line ? 40 : 3, io);
	}
	turn(w, ends_line ? 200 : 3, io);
}

static void world_eof(void *self, struct transcript_io *io)
{
	struct world *w = self;

	shutdown(w->client, SHUT_WR);
	turn(w, 40, io);
}

static void world_tick(void *self, int64_t ms, struct transcript_io *io)
{
	struct world *w = self;

	loop_advance(w->loop, ms);
	turn(w, 40, io);
}

static bool world_event(void *self, struct slice text, struct transcript_io *io)
{
	struct world *w = self;

	if (slice_is(text, "cleanup back")) {
		w->side = io->side;
		w->cleanup_says[0] = '\0';
		add_cleanup(w);
		turn(w, 40, io);
		return true;
	}
	if (!slice_is(text, "cleanup gone"))
		return false;
	ipc_chan_done(&w->others[LINK_CLEANUP]);
	turn(w, 10, io);
	smtpd_channel_down(&w->server, &w->server.cleanup, w->server.cleanup);
	turn(w, 40, io);
	return true;
}

static bool world_is_closed(void *self)
{
	return ((struct world *)self)->closed;
}

static void world_close(void *self)
{
	struct world *w = self;
	struct buf sink;
	struct transcript_io io = { &sink, &sink };

	buf_init(&sink, 1 << 20);
	close(w->client);
	w->closed = true;
	turn(w, 40, &io);
	for (int i = 0; i < N_LINKS; i++) {
		ipc_chan_done(&w->peers[i].chan);
		ipc_chan_done(&w->others[i]);
	}
	turn(w, 10, &io);
	if (w->server.n_sessions != 0)
		abort();	/* a session that outlives its client */
	smtpd_done(&w->server);
	loop_free(&w->loop);
	conf_free(&w->conf);
	arena_done(&w->arena);
	close(w->log);
	if (w->file >= 0)
		close(w->file);
	buf_done(&sink);
	free(w);
}

static const struct transcript_ops ops = { world_open, world_input, world_eof,
					   world_tick, world_event, world_is_closed,
					   world_close };

int main(int argc, char **argv)
{
	static const struct table_transport transport = { .ask = ask_table };

	setenv("TZ", "UTC", 1);
	table_set_transport("proxymap", &transport);
	return transcript_main("smtpd", &ops, argc, argv);
}
