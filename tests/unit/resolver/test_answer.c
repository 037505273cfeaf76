/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include "resolver/answer.h"
#include "resolver/hosts.h"

static char seen[1000];

static void take(void *ctx, const struct answer_record *r)
{
	size_t n = strlen(seen);

	(void)ctx;
	snprintf(seen + n, sizeof(seen) - n, "%u %.*s;", r->preference, (int)r->n, r->data);
}

#define HEAD(an) "\x12\x34\x81\x80\0\1\0" an "\0\0\0\0"
#define QUESTION "\7example\3com\0\0\1\0\1"	/* name at offset 12 */
#define RR(type, len) "\xc0\x0c\0" type "\0\1\0\0\0\x3c\0" len
#define PACKET(s) { s, sizeof(s) - 1 }

static const struct {
	struct slice packet;
	uint16_t type;
	enum rc rc;
	const char *want;
} cases[] = {
	{ PACKET(HEAD("\2") QUESTION RR("\1", "\4") "\x7f\0\0\1" RR("\1", "\4") "\xc0\0\2\x35"),
	  DNS_A, RC_OK, "0 127.0.0.1;0 192.0.2.53;" },
	{ PACKET(HEAD("\1") QUESTION RR("\x0f", "\7") "\0\x0a\2mx\xc0\x0c"), DNS_MX, RC_OK,
	  "10 mx.example.com;" },
	{ PACKET(HEAD("\1") QUESTION RR("\x0f", "\3") "\0\0\0"), DNS_MX, RC_OK, "0 ;" },
	{ PACKET(HEAD("\1") QUESTION RR("\x10", "\6") "\2ab\2cd"), DNS_TXT, RC_OK, "0 abcd;" },
	{ PACKET(HEAD("\1") QUESTION RR("\x10", "\3") "\xff" "ab"), DNS_TXT, RC_OK, "" },
	/* wrong size of an address; a name with a blank; another type */
	{ PACKET(HEAD("\1") QUESTION RR("\1", "\3") "\x7f\0\0"), DNS_A, RC_OK, "" },
	{ PACKET(HEAD("\1") QUESTION RR("\2", "\5") "\3a b\0"), DNS_NS, RC_OK, "" },
	{ PACKET(HEAD("\1") QUESTION RR("\1", "\4") "\x7f\0\0\1"), DNS_AAAA, RC_OK, "" },
	/* a pointer to itself, a pointer forwards, data cut off, more answers than there are */
	{ PACKET(HEAD("\1") "\xc0\x0c\0\1\0\1"), DNS_A, RC_SYNTAX, "" },
	{ PACKET(HEAD("\1") "\xc0\xff\0\1\0\1"), DNS_A, RC_SYNTAX, "" },
	{ PACKET(HEAD("\1") QUESTION RR("\1", "\x40") "\x7f\0\0\1"), DNS_A, RC_SYNTAX, "" },
	{ PACKET(HEAD("\2") QUESTION RR("\1", "\4") "\x7f\0\0\1"), DNS_A, RC_SYNTAX,
	  "0 127.0.0.1;" },
	{ PACKET("\x12\x34"), DNS_A, RC_SYNTAX, "" },
};

static void test_packets(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		unsigned rcode = 99, count;

		seen[0] = '\0';
		assert_int_equal(answer_parse(cases[i].packet, cases[i].type, take, NULL, &rcode,
					      &count), cases[i].rc);
		assert_string_equal(seen, cases[i].want);
	}
}

static void test_reverse_names(void **state)
{
	char out[DNS_NAME_MAX + 1];

	(void)state;
	assert_int_equal(answer_reverse_name(SLICE_LIT("192.0.2.1"), out, sizeof(out)), RC_OK);
	assert_string_equal(out, "1.2.0.192.in-addr.arpa");
	assert_int_equal(answer_reverse_name(SLICE_LIT("2001:db8::1"), out, sizeof(out)), RC_OK);
	assert_string_equal(out, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
				 "8.b.d.0.1.0.0.2.ip6.arpa");
	assert_int_equal(answer_reverse_name(SLICE_LIT("host"), out, sizeof(out)), RC_SYNTAX);
}

static void test_hosts(void **state)
{
	struct arena a;
	const struct host *first, *h;

	(void)state;
	arena_init(&a, 10000);
	first = hosts_parse(SLICE_LIT("127.0.0.1 localhost lo # x\n\n::1\tlocalhost ip6\n"
				      "bad host\n10.0.0.1 b@d good\n"), &a);
	unit_slice_is(hosts_name(first, SLICE_LIT("127.0.0.1")), "localhost", "canonical name");
	unit_slice_is(hosts_name(first, SLICE_LIT("10.0.0.1")), "good", "bad names are skipped");
	unit_slice_is(hosts_name(first, SLICE_LIT("10.0.0.2")), "", "unknown");
	h = hosts_find(first, SLICE_LIT("LocalHost"));
	unit_slice_is(h->address, "127.0.0.1", "first address");
	h = hosts_find(h->next, SLICE_LIT("localhost"));
	unit_slice_is(h->address, "::1", "second address");
	assert_null(hosts_find(h->next, SLICE_LIT("localhost")));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets), cmocka_unit_test(test_reverse_names),
		cmocka_unit_test(test_hosts),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
