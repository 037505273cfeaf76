/* SPDX-License-Identifier: ISC */
#include "postlogd/order.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

static const struct step {
	int64_t sent_ns;	/* of a packet; 0: take */
	const char *text;	/* the packet, or what is taken */
	int64_t horizon_ns;
} steps[] = {
	{ 0, "", INT64_MAX },
	{ 30, "c", 0 }, { 10, "a", 0 }, { 20, "b", 0 },
	{ 0, "ab", 20 },
	{ 25, "d", 0 }, { 30, "e", 0 }, { 40, "g", 0 },
	{ 0, "dc", 10 },	/* c has waited; equals stay in the order they came */
	{ 0, "eg", 10 },
	{ 0, "", INT64_MAX },
	{ 5, "f", 0 },
	{ 0, "f", INT64_MAX },
};

static void take(void *ctx, const struct order_packet *p)
{
	strncat(ctx, p->text, p->n);
}

static void packets_leave_in_the_order_of_their_sending(void **state)
{
	struct order o = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *s = &steps[i];
		char got[20] = "";

		if (s->sent_ns != 0) {
			order_add(&o, s->sent_ns, true, slice_str(s->text));
			continue;
		}
		order_take(&o, s->horizon_ns, take, got);
		assert_string_equal(got, s->text);
	}
	assert_int_equal(o.n, 0);
	assert_int_equal(o.bytes, 0);
	free(o.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_leave_in_the_order_of_their_sending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
