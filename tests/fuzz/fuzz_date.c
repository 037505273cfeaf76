/* Dates: what parses prints to something that parses to the same. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "lib/mail/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(struct date d, void (*print)(struct date, struct buf *),
		  enum rc (*parse)(struct slice, struct date *))
{
	struct date e = { 0 };
	struct buf b;

	buf_init(&b, 100);
	print(d, &b);
	/* A zone can carry the date out of the years 1 to 9999. */
	if (date_day(d) < date_days(9999, 12, 31) && date_day(d) > date_days(1, 1, 2) &&
	    (parse(buf_slice(&b), &e) != RC_OK || e.time != d.time || e.zone != d.zone))
		abort();
	buf_done(&b);
}

static void print_rfc(struct date d, struct buf *out)
{
	date_print(d, NULL, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_make(data, size);
	struct date d;
	int64_t day;

	if (date_parse(in, &d) == RC_OK) {
		again(d, print_rfc, date_parse);
		again(d, date_print_imap, date_parse_imap);
	}
	if (date_parse_imap(in, &d) == RC_OK)
		again(d, date_print_imap, date_parse_imap);
	if (date_parse_imap_day(in, &day) == RC_OK && day < date_days(1, 1, 1))
		abort();
	return 0;
}
