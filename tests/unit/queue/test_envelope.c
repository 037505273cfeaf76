/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "lib/base/mem.h"
#include "lib/queue/envelope.h"
#include "lib/sys/crc.h"

static const char small[] =
	"\nBuzon envelope 1\n"
	"arrived 1758000000.000123\n"
	"content 12 deadbeef\n"
	"from \n"
	"to bob@example.com\n"
	"marks --\n"
	"Buzon end 1 000000000000000c 00000059 00000001 ";

static const char full[] =
	"\nBuzon envelope 1\n"
	"arrived 0.999999\n"
	"content 0 00000000\n"
	"from alice@example.com\n"
	"flags 8bit smtputf8 report verify\n"
	"ret hdrs\n"
	"envid QQ314159\n"
	"client_name mail.example\n"
	"client_address 192.0.2.1\n"
	"client_port 12345\n"
	"protocol ESMTPS\n"
	"helo h\n"
	"sasl_method PLAIN\n"
	"sasl_username u\n"
	"sasl_sender s\n"
	"log_ident 8045F68C3A1\n"
	"rewrite_context local\n"
	"full_name A B  C\n"
	"to bob smith@example.com\n"
	" original bobby@example.com\n"
	" orcpt rfc822;bobby@example.com\n"
	" notify success failure delay\n"
	"to j\xc3\xbcrgen@example.com\n"
	" notify never\n"
	"to c@d\n"
	"marks W-dD\n"
	"Buzon end 1 0000000000000000 000001ee 00000003 ";

/* Where the line before the footer starts: the marks, whatever they are called. */
static const char *marks_line(const char *text)
{
	const char *p = strstr(text, "Buzon end ") - 1;

	while (p > text && p[-1] != '\n')
		p--;
	return p;
}

/* TEXT up to the checksum becomes a whole tail with the right one. */
static size_t seal(const char *text, size_t n, char *out)
{
	const char *marks = marks_line(text), *end = strstr(text, "Buzon end ");
	uint32_t crc = crc32c(0, slice_make(text, (size_t)(marks - text)));

	crc = crc32c(crc, slice_make(end, n - (size_t)(end - text)));
	memcpy(out, text, n);
	return n + (size_t)snprintf(out + n, 10, "%08x\n", (unsigned)crc);
}

static enum rc parse(const char *tail, size_t n, struct arena *a, struct queue_envelope *e)
{
	char *exact = malloc(n > 0 ? n : 1);	/* so that ASan sees a step outside */
	struct err err = { 0 };
	enum rc rc;

	memcpy(exact, tail, n);
	arena_reset(a);
	rc = queue_tail_parse(slice_make(exact, n), a, e, &err);
	if (rc == RC_OK) {
		struct buf out;

		buf_init(&out, QUEUE_TAIL_MAX);
		assert_int_equal(queue_tail_encode(e, &out, &err), RC_OK);
		assert_int_equal(buf_len(&out), n);
		assert_memory_equal(buf_slice(&out).p, tail, n);
		buf_done(&out);
	} else {
		assert_true(err.text[0] != '\0');
	}
	free(exact);
	return rc;
}

static void test_round_trip(void **state)
{
	static const struct {
		const char *text;
		size_t rcpts, marks_at;
		bool warned;
	} cases[] = {
		{ small, 1, 12 + 0x59 + 6, false }, { full, 3, 0x1ee + 6, true },
	};
	struct queue_envelope e;
	struct arena a;
	char room[2000];

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < N_OF(cases); i++) {
		size_t n = seal(cases[i].text, strlen(cases[i].text), room);

		assert_int_equal(parse(room, n, &a, &e), RC_OK);
		assert_int_equal(e.n_rcpts, cases[i].rcpts);
		assert_int_equal(e.marks_at, cases[i].marks_at);
		assert_int_equal(e.is_warned, cases[i].warned);
	}
	assert_int_equal(e.rcpts[0].mark, QUEUE_MARK_TODO);
	assert_int_equal(e.rcpts[1].mark, QUEUE_MARK_REPORT);
	assert_int_equal(e.rcpts[2].mark, QUEUE_MARK_DONE);
	assert_int_equal(e.rcpts[0].notify,
			 QUEUE_NOTIFY_SUCCESS | QUEUE_NOTIFY_FAILURE | QUEUE_NOTIFY_DELAY);
	assert_int_equal(e.arrived_us, 999999);
	assert_int_equal(e.ret, QUEUE_RET_HDRS);
	arena_done(&a);
}

/* Each replaces one piece of a good tail; the checksum is put right again. */
static void test_malformed(void **state)
{
	static const struct {
		const char *base, *old, *new;
	} cases[] = {
		{ small, "envelope 1", "envelope 2" },
		{ small, "arrived 1758", "arrived 01758" },
		{ small, ".000123", ".00123" },
		{ small, "content 12 ", "content 13 " },
		{ small, "deadbeef", "DEADBEEF" },
		{ small, "from \n", "from\n" },
		{ small, "from \n", "from a\tb\n" },
		{ small, "from \n", "from \nflags \n" },
		{ small, "from \n", "from \nflags smtputf8 8bit\n" },
		{ small, "from \n", "from \nflags 8bit 8bit\n" },
		{ small, "from \n", "from \nflags nine\n" },
		{ small, "from \n", "from \nret full hdrs\n" },
		{ small, "from \n", "from \nenvid \n" },
		{ small, "from \n", "from \nhelo h\nclient_name x\n" },
		{ small, "from \n", "from \ncolour blue\n" },
		{ small, "to bob@example.com\n", "to \n" },
		{ small, "to bob@example.com\n", "to bob@example.com\nto c\n" },
		{ small, "to bob@example.com\n", "" },
		{ small, "to bob@example.com\n", "to bob@example.com\n notify\n" },
		{ small, "to bob@example.com\n", "to bob@example.com\n original \n" },
		{ small, "marks --", "marks -" },
		{ small, "marks --", "marks ---" },
		{ small, "marks --", "marks -x" },
		{ small, "marks --", "marks D-" },
		{ small, "marks --", "maRks --" },
		{ small, "00000059", "0000005a" },
		{ small, "00000001 ", "00000002 " },
		{ small, "00000001 ", "00000000 " },
		{ small, "00000001 ", "ffffffff " },
		{ small, "000000000000000c", "ffffffffffffffff" },
		{ small, "Buzon end 1", "Buzon end 2" },
	};
	struct queue_envelope e;
	struct arena a;
	char text[1000], room[2000];

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < N_OF(cases); i++) {
		const char *at = strstr(cases[i].base, cases[i].old);
		size_t front, n;
		char *len;

		assert_non_null(at);
		front = (size_t)(at - cases[i].base);
		n = (size_t)snprintf(text, sizeof(text), "%.*s%s%s", (int)front, cases[i].base,
				     cases[i].new, at + strlen(cases[i].old));
		/* keep the length right where only the text is at fault */
		len = strstr(text, " 00000059 ");
		if (len != NULL) {
			snprintf(room, sizeof(room), " %08x ",
				 (unsigned)(marks_line(text) - text));
			memcpy(len, room, 10);
		}
		n = seal(text, n, room);
		if (parse(room, n, &a, &e) != RC_SYNTAX)
			fail_msg("accepted: %s -> %s", cases[i].old, cases[i].new);
	}
	arena_done(&a);
}

static void test_every_bit_counts(void **state)
{
	struct queue_envelope e;
	struct arena a;
	char room[2000];
	size_t n = seal(full, strlen(full), room);
	size_t marks = (size_t)(strstr(full, "marks ") - full);

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		if (i > marks && i < marks + 11)
			continue;	/* not under the checksum */
		room[i] ^= 1;
		assert_int_equal(parse(room, n, &a, &e), RC_SYNTAX);
		room[i] ^= 1;
		assert_int_equal(parse(room, i, &a, &e), RC_SYNTAX);
	}
	assert_int_equal(parse(room, n, &a, &e), RC_OK);
	arena_done(&a);
}

static void test_encoder_refuses(void **state)
{
	static const struct queue_rcpt good = { .address = { "a", 1 }, .mark = '-' };
	static const struct queue_rcpt bad[] = {
		{ .mark = '-' }, { .address = { "a", 1 } },
		{ .address = { "a\nb", 3 }, .mark = '-' },
		{ .address = { "a\0b", 3 }, .mark = '-' },
		{ .address = { "a", 1 }, .original = { "\x7f", 1 }, .mark = '-' },
		{ .address = { "a", 1 }, .mark = '-', .notify = 16 },
	};
	struct queue_rcpt r = good;
	struct queue_envelope e = { .rcpts = &r, .n_rcpts = 1 };
	char *huge = mem_new(QUEUE_VALUE_MAX + 2, 1);
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	assert_int_equal(queue_tail_encode(&e, &out, NULL), RC_OK);
	for (size_t i = 0; i < N_OF(bad); i++) {
		r = bad[i];
		assert_int_equal(queue_tail_encode(&e, &out, NULL), RC_SYNTAX);
	}
	r = good;
	memset(huge, 'x', QUEUE_VALUE_MAX + 1);
	r.address = slice_str(huge);
	assert_int_equal(queue_tail_encode(&e, &out, NULL), RC_SYNTAX);
	r.address.n--;
	assert_int_equal(queue_tail_encode(&e, &out, NULL), RC_OK);
	e.n_rcpts = 0;
	assert_int_equal(queue_tail_encode(&e, &out, NULL), RC_SYNTAX);
	e.n_rcpts = 1;
	buf_done(&out);
	buf_init(&out, 120);
	assert_int_equal(queue_tail_encode(&e, &out, NULL), RC_LIMIT);
	buf_done(&out);
	free(huge);
}

static void test_arena_full(void **state)
{
	struct queue_envelope e;
	struct arena a;
	char room[2000];
	size_t n = seal(full, strlen(full), room);

	(void)state;
	arena_init(&a, 64);
	assert_int_equal(queue_tail_parse(slice_make(room, n), &a, &e, NULL), RC_LIMIT);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_every_bit_counts), cmocka_unit_test(test_encoder_refuses),
		cmocka_unit_test(test_arena_full),
	};

	return cmocka_run_group_tests_name("queue envelope", tests, NULL, NULL);
}
