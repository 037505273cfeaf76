/* tests/unit/address/test_address.c - rewriting, mapping, classes and routes over inline tables;
 * and all of it again with tables that answer later. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/address/address.h"
#include "tests/unit/unit.h"

/* Common to all tests; more lines follow. */
#define CONF \
	"myhostname = mx.demo.test\nmydomain = demo.test\nmyorigin = demo.test\n" \
	"mydestination = demo.test, mx.demo.test, localhost\nrecipient_delimiter = +-\n" \
	"inet_interfaces = 127.0.0.1\nproxy_interfaces = 192.0.2.7\n" \
	"alias_maps =\ncompatibility_level = 3.6\n"

struct fixture {
	struct conf *conf;
	struct arena faults_arena, arena;
	struct faults faults;
	struct address *a;
	struct address_query q;
	struct err err;
};

static void setup(struct fixture *f, const char *text)
{
	*f = (struct fixture){ 0 };
	arena_init(&f->faults_arena, 1 << 20);
	arena_init(&f->arena, 4 << 20);
	faults_init(&f->faults, &f->faults_arena);
	f->conf = conf_new("/nonexistent");
	conf_parse(f->conf, "main.cf", slice_str(text), &f->faults);
	address_open(f->conf, &f->faults, &f->a);
	if (f->faults.fatal_count > 0)
		fail_msg("%s", f->faults.first->text);
	f->q = (struct address_query){ .conf = f->a, .arena = &f->arena };
}

static void teardown(struct fixture *f)
{
	address_close(&f->a);
	conf_free(&f->conf);
	arena_done(&f->arena);
	arena_done(&f->faults_arena);
}

static const struct {
	const char *in, *out;
} rewrites[] = {
	{ "alice", "alice@demo.test" },
	{ "alice@demo.test", "alice@demo.test" },
	{ "alice@host", "alice@host.demo.test" },
	{ "alice@example.com.", "alice@example.com" },
	{ "alice@", "alice@demo.test" },
	{ "@", "" },
	{ "", "" },
	{ "@a,@b:c@d.example", "c@d.example" },
	{ "site!user", "user@site.demo.test" },
	{ "a.example!b!user", "b!user@a.example" },
	{ "user%other.example", "user@other.example" },
	{ "a%b%c.example", "a%b@c.example" },
	{ "a!b@c.example", "a!b@c.example" },
	{ "a%b@c.example", "a%b@c.example" },
	{ "a@[192.0.2.1]", "a@[192.0.2.1]" },
	{ "a@b@c.example", "a@b@c.example" },
	{ "a b@c.example", "a b@c.example" },
};

static void test_rewrite(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, CONF "append_dot_mydomain = yes\n");
	for (size_t i = 0; i < N_OF(rewrites); i++) {
		struct buf b;

		buf_init(&b, 1000);
		address_rewrite(f.a, slice_str(rewrites[i].in), &b);
		unit_slice_is(buf_slice(&b), rewrites[i].out, rewrites[i].in);
		buf_done(&b);
	}
	teardown(&f);
}

static const struct {
	const char *local, *base, *ext;
} splits[] = {
	{ "user", "user", "" },		{ "user+ext", "user", "+ext" },
	{ "user-a+b", "user", "-a+b" }, { "user+", "user", "+" },
	{ "+user", "+user", "" },	{ "", "", "" },
	{ "owner-list", "owner-list", "" }, { "list-request", "list-request", "" },
	{ "owner+list", "owner", "+list" }, { "MAILER-DAEMON", "MAILER-DAEMON", "" },
	{ "double-bounce", "double-bounce", "" },
};

static void test_split(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, CONF);
	for (size_t i = 0; i < N_OF(splits); i++) {
		struct slice ext;

		unit_slice_is(address_split(f.a, slice_str(splits[i].local), &ext), splits[i].base,
			      splits[i].local);
		unit_slice_is(ext, splits[i].ext, splits[i].local);
	}
	teardown(&f);
}

static const struct {
	const char *in, *out;
	enum address_role role;
} canonicals[] = {
	{ "joe@demo.test", "joe.doe@demo.test", ADDRESS_ENVELOPE_SENDER },
	{ "joe", "joe.doe@demo.test", ADDRESS_ENVELOPE_SENDER },
	{ "JOE", "joe.doe@demo.test", ADDRESS_ENVELOPE_SENDER },
	{ "joe+x", "joe.doe+x@demo.test", ADDRESS_ENVELOPE_SENDER },
	{ "joe@elsewhere.example", "joe@elsewhere.example", ADDRESS_ENVELOPE_SENDER },
	{ "any+x@old.example", "any+x@new.example", ADDRESS_HEADER_SENDER },
	{ "chain1@c.example", "end@c.example", ADDRESS_ENVELOPE_RECIPIENT },
	{ "sender@c.example", "s@c.example", ADDRESS_ENVELOPE_SENDER },
	{ "sender@c.example", "sender@c.example", ADDRESS_ENVELOPE_RECIPIENT },
	{ "rcpt@c.example", "r@c.example", ADDRESS_ENVELOPE_RECIPIENT },
	{ "u@host.mq.example", "u@mq.example", ADDRESS_ENVELOPE_SENDER },
	{ "u@host.mq.example", "u@host.mq.example", ADDRESS_ENVELOPE_RECIPIENT },
	{ "u@a.keep.mq.example", "u@a.keep.mq.example", ADDRESS_ENVELOPE_SENDER },
	{ "root@host.mq.example", "root@host.mq.example", ADDRESS_ENVELOPE_SENDER },
	{ "u@xmq.example", "u@xmq.example", ADDRESS_ENVELOPE_SENDER },
	{ "a b@q.example", "quoted@q.example", ADDRESS_ENVELOPE_SENDER },
	{ "12345@re.example", "nr12345@re.example", ADDRESS_ENVELOPE_SENDER },
	{ "", "", ADDRESS_ENVELOPE_SENDER },
};

#define CANONICAL CONF \
	"canonical_maps = inline:{ joe=joe.doe, joe.doe=joe.doe, @old.example=@new.example," \
	" chain1@c.example=chain2@c.example, chain2@c.example=end@c.example," \
	" loop1@c.example=loop2@c.example, loop2@c.example=loop1@c.example," \
	" {\"a b\"@q.example=quoted@q.example} }," \
	" regexp:{{/^([0-9]+)@re\\.example$$/ nr$$1@re.example}}\n" \
	"sender_canonical_maps = inline:{sender@c.example=s@c.example}\n" \
	"recipient_canonical_maps = inline:{rcpt@c.example=r@c.example}\n" \
	"masquerade_domains = !keep.mq.example mq.example\nmasquerade_exceptions = root\n"

static void test_canonical(void **state)
{
	struct fixture f;
	struct slice got;

	(void)state;
	setup(&f, CANONICAL);
	for (size_t i = 0; i < N_OF(canonicals); i++) {
		enum rc rc = address_canonical(&f.q, canonicals[i].role,
					       slice_str(canonicals[i].in), &got, &f.err);

		if (rc)
			fail_msg("%s: %s", canonicals[i].in, f.err.text);
		unit_slice_is(got, canonicals[i].out, canonicals[i].in);
	}
	assert_int_equal(address_canonical(&f.q, ADDRESS_ENVELOPE_SENDER,
					   SLICE_LIT("loop1@c.example"), &got, &f.err), RC_LIMIT);
	teardown(&f);
}

static const struct {
	const char *in, *out;	/* out NULL: nothing changes */
	enum address_role role;
} header_fields[] = {
	{ "joe", "joe.doe@demo.test", ADDRESS_HEADER_SENDER },
	{ "Joe D <joe@demo.test>", "Joe D <joe.doe@demo.test>", ADDRESS_HEADER_SENDER },
	{ "a@b.example, joe,\n c@d.example", "a@b.example,\n\tjoe.doe@demo.test,\n\tc@d.example",
	  ADDRESS_HEADER_RECIPIENT },
	{ "a@b.example, c@d.example (x)", NULL, ADDRESS_HEADER_RECIPIENT },
	{ "u@host.mq.example", "u@mq.example", ADDRESS_HEADER_RECIPIENT },
	{ "sender@c.example", "s@c.example", ADDRESS_HEADER_SENDER },
	{ "sender@c.example", NULL, ADDRESS_HEADER_RECIPIENT },
	{ "undisclosed-recipients:;", NULL, ADDRESS_HEADER_RECIPIENT },
	{ "team: joe, a@b.example;", "team: joe.doe@demo.test,\n\ta@b.example;",
	  ADDRESS_HEADER_RECIPIENT },
	{ "", NULL, ADDRESS_HEADER_SENDER },
	{ "<>", NULL, ADDRESS_HEADER_SENDER },
	{ "joe <", NULL, ADDRESS_HEADER_SENDER },
};

static void test_field(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, CANONICAL);
	for (size_t i = 0; i < N_OF(header_fields); i++) {
		struct buf b;
		enum rc rc;

		buf_init(&b, 10000);
		rc = address_field(&f.q, header_fields[i].role, slice_str(header_fields[i].in), &b,
				   &f.err);
		if ((rc == RC_OK) != (header_fields[i].out != NULL))
			fail_msg("%s: %s %s", header_fields[i].in, rc_name(rc), buf_cstr(&b));
		unit_slice_is(buf_slice(&b), rc ? "" : header_fields[i].out, header_fields[i].in);
		buf_done(&b);
	}
	assert_true(address_maps_headers(f.a));
	teardown(&f);
	setup(&f, CONF);
	assert_false(address_maps_headers(f.a));
	teardown(&f);
}

static const struct {
	const char *in, *out;	/* out NULL: unreasonable */
} expansions[] = {
	{ "plain@x.example", "plain@x.example" },
	{ "one@v.example", "alice@demo.test" },
	{ "one+ext@v.example", "alice+ext@demo.test" },
	{ "two@v.example", "a@x.example b@x.example" },
	{ "tree@v.example", "alice@demo.test a@x.example b@x.example" },
	{ "keep@v.example", "keep@v.example copy@x.example" },
	{ "keep2@v.example", "copy@x.example keep2@v.example" },
	{ "twice@v.example", "a@x.example" },
	{ "diamond@v.example", "d@x.example" },
	{ "any@catch.example", "all@x.example" },
	{ "any@move.example", "any@moved.example" },
	{ "postmaster@demo.test", "admin@demo.test" },
	{ "postmaster@x.example", "postmaster@x.example" },
	{ "loop1@v.example", NULL },
	{ "grow@v.example", NULL },
	{ "nothing@v.example", "nothing@v.example" },
	{ "name@v.example", "j.doe@x.example" },
};

#define ALIASES CONF \
	"virtual_alias_expansion_limit = 20\n" \
	"virtual_alias_maps = inline:{ one@v.example=alice," \
	" {two@v.example=a@x.example, b@x.example}," \
	" {tree@v.example=one@v.example, two@v.example}," \
	" {keep@v.example=keep@v.example, copy@x.example}," \
	" {keep2@v.example=copy@x.example, keep2@v.example}," \
	" {twice@v.example=a@x.example, A@x.example}," \
	" {diamond@v.example=l@v.example, r@v.example}, l@v.example=d@x.example," \
	" r@v.example=d@x.example, @catch.example=all@x.example, @move.example=@moved.example," \
	" postmaster=admin, loop1@v.example=loop2@v.example, loop2@v.example=loop1@v.example," \
	" {grow@v.example=grow2@v.example, x1@x.example}, {grow2@v.example=grow@v.example," \
	" x2@x.example}, {nothing@v.example=,}, {name@v.example=\"J. Doe\" <j.doe@x.example>} }\n"

static void test_expand(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, ALIASES);
	for (size_t i = 0; i < N_OF(expansions); i++) {
		struct address_list list = { 0 };
		struct buf b;
		enum rc rc;

		buf_init(&b, 10000);
		f.err = (struct err){ 0 };
		rc = address_expand(&f.q, slice_str(expansions[i].in), &list, &f.err);
		if ((rc == RC_OK) != (expansions[i].out != NULL))
			fail_msg("%s: %s %s", expansions[i].in, rc_name(rc), f.err.text);
		if (rc)
			assert_string_equal(f.err.dsn, "4.6.0");
		for (size_t k = 0; rc == RC_OK && k < list.n; k++)
			buf_addf(&b, "%s%.*s", k > 0 ? " " : "", SLICE_ARG(list.v[k]));
		if (rc == RC_OK)
			unit_slice_is(buf_slice(&b), expansions[i].out, expansions[i].in);
		buf_done(&b);
		arena_reset(&f.arena);
	}
	teardown(&f);
}

static const struct {
	const char *rcpt;
	enum address_class class;
	const char *transport, *nexthop, *resolved;	/* resolved NULL: as asked */
	bool routed;
	enum rc known;
} routes[] = {
	{ "alice@demo.test", ADDRESS_LOCAL, "local", "mx.demo.test", NULL, false, RC_OK },
	{ "ALICE+x@Demo.Test", ADDRESS_LOCAL, "local", "mx.demo.test", NULL, false, RC_OK },
	{ "nobody@demo.test", ADDRESS_LOCAL, "local", "mx.demo.test", NULL, false, RC_END },
	{ "alias@demo.test", ADDRESS_LOCAL, "local", "mx.demo.test", NULL, false, RC_OK },
	{ "alice@[127.0.0.1]", ADDRESS_LOCAL, "local", "mx.demo.test", NULL, false, RC_OK },
	{ "alice@[192.0.2.7]", ADDRESS_LOCAL, "local", "mx.demo.test", NULL, false, RC_OK },
	{ "alice@[192.0.2.8]", ADDRESS_DEFAULT, "smtp", "[relay.example]", NULL, false, RC_OK },
	{ "carol@vm.test", ADDRESS_VIRTUAL_MAILBOX, "virtual", "vm.test", NULL, false, RC_OK },
	{ "nobody@vm.test", ADDRESS_VIRTUAL_MAILBOX, "virtual", "vm.test", NULL, false, RC_END },
	{ "dave@va.test", ADDRESS_VIRTUAL_ALIAS, "error",
	  "5.1.1 User unknown in virtual alias table", NULL, false, RC_OK },
	{ "nobody@va.test", ADDRESS_VIRTUAL_ALIAS, "error",
	  "5.1.1 User unknown in virtual alias table", NULL, false, RC_END },
	{ "ed@relay.test", ADDRESS_RELAY, "relay", "[relay.example]", NULL, false, RC_OK },
	{ "ed@sub.relay.test", ADDRESS_RELAY, "relay", "[relay.example]", NULL, false, RC_END },
	{ "x@other.example", ADDRESS_DEFAULT, "smtp", "[relay.example]", NULL, false, RC_OK },
	{ "x@tm.example", ADDRESS_DEFAULT, "lmtp", "unix:/l", NULL, false, RC_OK },
	{ "x@a.tm.example", ADDRESS_DEFAULT, "smtp", "[sub]:26", NULL, false, RC_OK },
	{ "u@tm.example", ADDRESS_DEFAULT, "uucp", "tm.example", NULL, false, RC_OK },
	{ "u+x@tm.example", ADDRESS_DEFAULT, "uucp", "tm.example", NULL, false, RC_OK },
	{ "x@same.example", ADDRESS_DEFAULT, "smtp", "[relay.example]", NULL, false, RC_OK },
	{ "x@hop.example", ADDRESS_DEFAULT, "smtp", "[hop]", NULL, false, RC_OK },
	{ "x@err.example", ADDRESS_DEFAULT, "error", "5.1.2 no such place", NULL, false, RC_OK },
	{ "moved@demo.test", ADDRESS_LOCAL, "error", "5.1.6 User has moved to new@x.example", NULL,
	  false, RC_END },
	{ "u%d.example@demo.test", ADDRESS_DEFAULT, "smtp", "[relay.example]", "u@d.example", false,
	  RC_OK },
	{ "alice@demo.test@demo.test", ADDRESS_LOCAL, "local", "mx.demo.test", "alice@demo.test",
	  false, RC_OK },
	{ "h!u@demo.test", ADDRESS_DEFAULT, "smtp", "[relay.example]", "u@h", false, RC_OK },
	{ "a%b@relay.test", ADDRESS_RELAY, "relay", "[relay.example]", NULL, true, RC_END },
	{ "a@b@other.example", ADDRESS_DEFAULT, "smtp", "[relay.example]", NULL, true, RC_OK },
	{ "", ADDRESS_LOCAL, "local", "mx.demo.test", "MAILER-DAEMON@demo.test", false, RC_OK },
	{ "PostMaster@demo.test", ADDRESS_LOCAL, "local", "mx.demo.test", NULL, false, RC_OK },
	{ "postmaster@vm.test", ADDRESS_VIRTUAL_MAILBOX, "virtual", "vm.test", NULL, false, RC_END },
};

#define ROUTES CONF \
	"local_recipient_maps = inline:{alice=1,bob=1}\n" \
	"virtual_mailbox_domains = vm.test\nvirtual_mailbox_maps = inline:{carol@vm.test=c/}\n" \
	"virtual_alias_domains = va.test\n" \
	"virtual_alias_maps = inline:{dave@va.test=alice, alias=bob}\n" \
	"relay_domains = relay.test\nrelay_recipient_maps = inline:{ed@relay.test=1}\n" \
	"relayhost = [relay.example]\nrelocated_maps = inline:{moved=new@x.example}\n" \
	"transport_maps = inline:{ tm.example=lmtp:unix:/l, .tm.example=smtp:[sub]:26," \
	" u@tm.example=uucp:, same.example=:, hop.example=:[hop]," \
	" {err.example=error:5.1.2 no such place} }\n"

static void check_route(struct fixture *f, size_t i, const struct address_route *r)
{
	const char *what = routes[i].rcpt;
	enum rc rc;

	assert_int_equal(r->class, routes[i].class);
	unit_slice_is(r->transport, routes[i].transport, what);
	unit_slice_is(r->nexthop, routes[i].nexthop, what);
	unit_slice_is(r->recipient, routes[i].resolved != NULL ? routes[i].resolved : what, what);
	assert_int_equal(r->is_routed, routes[i].routed);
	rc = address_is_mapped(&f->q, false, slice_str(what), &f->err);
	if (rc == RC_END)
		rc = address_is_known(&f->q, r, &f->err);
	assert_int_equal(rc, routes[i].known);
}

static void test_resolve(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, ROUTES);
	for (size_t i = 0; i < N_OF(routes); i++) {
		struct address_route r;
		enum rc rc = address_resolve(&f.q, SLICE_LIT("s@x.example"),
					     slice_str(routes[i].rcpt), &r, &f.err);

		if (rc)
			fail_msg("%s: %s", routes[i].rcpt, f.err.text);
		check_route(&f, i, &r);
	}
	teardown(&f);
}

static const struct {
	const char *sender, *transport, *nexthop;
} by_sender[] = {
	{ "a@one.example", "t1", "other.example" },
	{ "b@one.example", "smtp", "[h1]" },
	{ "a+x@one.example", "t1", "other.example" },
	{ "c@two.example", "smtp", "[h2]:587" },
	{ "d@three.example", "smtp", "[relay.example]" },
	{ "", "tnull", "[n]" },
};

static void test_sender_dependent(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, CONF "relayhost = [relay.example]\n"
		  "sender_dependent_default_transport_maps = inline:{a@one.example=t1:other.example,"
		  " <>=tnull:[n]}\n"
		  "sender_dependent_relayhost_maps = inline:{@one.example=[h1],"
		  " c@two.example=[h2]:587, d@three.example=DUNNO}\n");
	for (size_t i = 0; i < N_OF(by_sender); i++) {
		struct address_route r;

		assert_int_equal(address_resolve(&f.q, slice_str(by_sender[i].sender),
						 SLICE_LIT("x@other.example"), &r, &f.err), RC_OK);
		unit_slice_is(r.transport, by_sender[i].transport, by_sender[i].sender);
		unit_slice_is(r.nexthop, by_sender[i].nexthop, by_sender[i].sender);
	}
	teardown(&f);
}

/* Names for the null sender, and a reason that is all the table's. */
static void test_own_words(void **state)
{
	struct address_route r;
	struct fixture f;

	(void)state;
	setup(&f, CONF "empty_address_default_transport_maps_lookup_key = nobody\n"
		  "sender_dependent_default_transport_maps = inline:{<>=wrong, nobody=null:}\n"
		  "empty_address_relayhost_maps_lookup_key = bounces\n"
		  "sender_dependent_relayhost_maps = inline:{<>=[wrong], bounces=[b]}\n"
		  "relocated_prefix_enable = no\n"
		  "relocated_maps = inline:{{x@other.example=5.1.0 Ask around}}\n");
	assert_int_equal(address_resolve(&f.q, SLICE_LIT(""), SLICE_LIT("y@other.example"), &r,
					 &f.err), RC_OK);
	unit_slice_is(r.transport, "null", "transport of the null sender");
	unit_slice_is(r.nexthop, "[b]", "relayhost of the null sender");
	assert_int_equal(address_resolve(&f.q, SLICE_LIT("s@x"), SLICE_LIT("x@other.example"), &r,
					 &f.err), RC_OK);
	unit_slice_is(r.transport, "error", "relocated");
	unit_slice_is(r.nexthop, "5.1.0 Ask around", "relocated");
	teardown(&f);
}

/* --- tables that answer later --- */

static struct question {
	char key[200];
	void *token;
} questions[100];
static size_t n_questions;
static bool is_ready, breaks;

static enum rc ask(void *ctx, struct slice table, struct slice key, void *token, struct err *err)
{
	(void)ctx;
	(void)table;
	(void)err;
	assert_true(n_questions < N_OF(questions));
	assert_true(slice_to_cstr(key, questions[n_questions].key, 200));
	questions[n_questions++].token = token;
	return RC_OK;
}

static void on_ready(struct table_memo *m)
{
	(void)m;
	is_ready = true;
}

static void answer_all(void)
{
	size_t n = n_questions;

	n_questions = 0;
	for (size_t i = 0; i < n; i++)
		if (breaks)
			table_answer(questions[i].token, RC_TEMP, (struct slice){ 0 });
		else if (strcmp(questions[i].key, "one@v.example") == 0)
			table_answer(questions[i].token, RC_OK,
				     SLICE_LIT("two@v.example, x@x.example"));
		else if (strcmp(questions[i].key, "two@v.example") == 0)
			table_answer(questions[i].token, RC_OK, SLICE_LIT("y@x.example"));
		else
			table_answer(questions[i].token, RC_END, (struct slice){ 0 });
}

static enum rc run_until_done(struct fixture *f, struct address_list *list, int *ret_runs)
{
	enum rc rc;

	for (*ret_runs = 1;; ++*ret_runs) {
		rc = address_expand(&f->q, SLICE_LIT("one@v.example"), list, &f->err);
		if (rc != RC_MORE)
			return rc;
		assert_false(is_ready);
		answer_all();
		assert_true(is_ready);
		is_ready = false;
		assert_true(*ret_runs < 50);
	}
}

static void test_later(void **state)
{
	static const struct table_transport transport = { .ask = ask };
	struct address_list list = { 0 };
	struct table_memo memo;
	struct fixture f;
	int runs;

	(void)state;
	table_set_transport("proxymap", &transport);
	setup(&f, CONF "virtual_alias_maps = proxy:inline:{x=y}\n");
	table_memo_init(&memo, &f.arena, on_ready, NULL);
	f.q.memo = &memo;
	assert_int_equal(run_until_done(&f, &list, &runs), RC_OK);
	assert_true(runs > 3);
	assert_int_equal(list.n, 2);
	unit_slice_is(list.v[0], "y@x.example", "first");
	unit_slice_is(list.v[1], "x@x.example", "second");
	table_memo_done(&memo);
	table_memo_init(&memo, &f.arena, on_ready, NULL);
	breaks = true;
	assert_int_equal(run_until_done(&f, &list, &runs), RC_TEMP);
	breaks = false;
	table_memo_done(&memo);
	teardown(&f);
}

static void test_faults(void **state)
{
	struct arena arena;
	struct faults faults;
	struct conf *c = conf_new("/nonexistent");
	struct address *a;

	(void)state;
	arena_init(&arena, 1 << 20);
	faults_init(&faults, &arena);
	conf_parse(c, "main.cf",
		   SLICE_LIT(CONF "virtual_alias_maps = nosuch:/x\nappend_at_myorigin = no\n"
			     "relay_domains = nosuch:y\n"), &faults);
	address_open(c, &faults, &a);
	assert_int_equal(faults.fatal_count, 4);	/* virtual_alias_domains too */
	address_close(&a);
	conf_free(&c);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rewrite),	  cmocka_unit_test(test_split),
		cmocka_unit_test(test_canonical), cmocka_unit_test(test_expand),
		cmocka_unit_test(test_field),
		cmocka_unit_test(test_resolve),	  cmocka_unit_test(test_sender_dependent),
		cmocka_unit_test(test_own_words),
		cmocka_unit_test(test_later),	  cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
