/* SPDX-License-Identifier: ISC */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/ipc/cleanup.h"

static const struct cleanup_rcpt sample = {
	.id = 7, .address = { "alice@demo.test", 15 }, .original = { "", 0 },
	.orcpt = { "rfc822;x", 8 }, .notify = 5,
};

static struct slice packed(struct ipc_packet **k)
{
	*k = ipc_packet_new(cleanup_rcpt_type);
	cleanup_rcpt_put(k, &sample);
	return slice_make((*k)->mem, (*k)->n);
}

static void test_round_trip(void **state)
{
	struct ipc_packet *k;
	struct slice bytes = packed(&k);
	struct cleanup_rcpt got;
	struct ipc_reader r;

	(void)state;
	assert_int_equal(ipc_reader_init(&r, bytes, NULL, 0), RC_OK);
	assert_int_equal(r.type, cleanup_rcpt_type);
	assert_int_equal(cleanup_rcpt_get(&r, &got), RC_OK);
	assert_int_equal(got.id, 7);
	unit_slice_is(got.address, "alice@demo.test", "address");
	unit_slice_is(got.original, "", "original");
	assert_int_equal(got.notify, 5);
	ipc_packet_free(&k);
	assert_null(k);
}

/* Every packet cut short, and one byte longer, is malformed. */
static void test_cut_and_extended(void **state)
{
	struct ipc_packet *k;
	struct slice bytes = packed(&k);
	char longer[512];

	(void)state;
	for (size_t n = 0; n < bytes.n; n++) {
		struct cleanup_rcpt got;
		struct ipc_reader r;

		if (ipc_reader_init(&r, slice_sub(bytes, 0, n), NULL, 0) == RC_OK)
			assert_int_equal(cleanup_rcpt_get(&r, &got), RC_SYNTAX);
	}
	memcpy(longer, bytes.p, bytes.n);
	longer[bytes.n] = 0;
	struct cleanup_rcpt got;
	struct ipc_reader r;

	assert_int_equal(ipc_reader_init(&r, slice_make(longer, bytes.n + 1), NULL, 0), RC_OK);
	assert_int_equal(cleanup_rcpt_get(&r, &got), RC_SYNTAX);
	ipc_packet_free(&k);
}

static void test_a_field_over_its_limit_marks_the_packet(void **state)
{
	static char big[2000];
	struct cleanup_rcpt m = { .address = { big, sizeof(big) } };
	struct ipc_packet *k = ipc_packet_new(cleanup_rcpt_type);

	(void)state;
	cleanup_rcpt_put(&k, &m);
	assert_true(k->bad);
	ipc_packet_free(&k);
}

/* A peer that claims a longer string than it may send, or than the packet holds. */
static void test_hostile_length(void **state)
{
	struct ipc_packet *k;
	struct slice bytes = packed(&k);
	struct cleanup_rcpt got;
	struct ipc_reader r;
	char copy[512];

	(void)state;
	memcpy(copy, bytes.p, bytes.n);
	memset(copy + 8, 0xff, 4);
	assert_int_equal(ipc_reader_init(&r, slice_make(copy, bytes.n), NULL, 0), RC_OK);
	assert_int_equal(cleanup_rcpt_get(&r, &got), RC_SYNTAX);
	ipc_packet_free(&k);
}

static void test_descriptors(void **state)
{
	struct ipc_packet *k = ipc_packet_new(cleanup_opened_type);
	struct cleanup_opened m = { .id = 1, .queue_id = { "A", 1 },
				    .file = open("/dev/null", O_WRONLY) }, got;
	struct ipc_reader r;
	int fd = m.file;

	(void)state;
	cleanup_opened_put(&k, &m);
	assert_int_equal(k->n_fds, 1);
	/* the count in the header and the descriptors that came must agree */
	assert_int_equal(ipc_reader_init(&r, slice_make(k->mem, k->n), NULL, 0), RC_SYNTAX);
	assert_int_equal(ipc_reader_init(&r, slice_make(k->mem, k->n), &fd, 1), RC_OK);
	assert_int_equal(cleanup_opened_get(&r, &got), RC_OK);
	assert_int_equal(got.file, fd);
	/* a descriptor that no field takes makes the message malformed and is closed */
	assert_int_equal(ipc_reader_init(&r, slice_make(k->mem, k->n), &fd, 1), RC_OK);
	ipc_reader_done(&r);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	k->n_fds = 0;
	ipc_packet_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_cut_and_extended),
		cmocka_unit_test(test_a_field_over_its_limit_marks_the_packet),
		cmocka_unit_test(test_hostile_length), cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
