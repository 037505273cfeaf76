/* lib/mail/date.h - the dates of mail: RFC 5322, IMAP, mbox.
 *
 * Pure but for date_zone(), which asks the C library's time zone. Times are seconds since 1970
 * UTC; zones are minutes east of UTC. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_MAIL_DATE_H
#define LIB_MAIL_DATE_H

#include "lib/base/buf.h"

struct date {
	int64_t time;	/* seconds since 1970, UTC */
	int zone;	/* minutes east of UTC, as written */
};

/* Also the obsolete forms (two-digit years, zone names, comments, no seconds, no zone) and
 * asctime's; day of the week ignored. (RFC 5322, 3.3 and 4.3) */
enum rc date_parse(struct slice s, struct date *out);

/* "Tue, 01 Sep 2026 10:00:00 +0200"; NAME, if not NULL, is added in parentheses as Postfix does. */
void date_print(struct date d, const char *name, struct buf *out);

/* "01-Sep-2026 10:00:00 +0200", the day with two digits or blank padded, without quotes. */
enum rc date_parse_imap(struct slice s, struct date *out);
void date_print_imap(struct date d, struct buf *out);

/* "1-Sep-2026" as in SEARCH, without quotes: days since 1970. */
enum rc date_parse_imap_day(struct slice s, int64_t *ret_day);

/* The calendar day of D in its own zone (SENTON) as days since 1970. */
int64_t date_day(struct date d);

/* "Tue Sep  1 10:00:00 2026" in D's zone, for From_ lines and mailq. */
void date_print_asctime(struct date d, struct buf *out);

enum { DATE_ZONE_NAME_MAX = 16 };

/* TIME with the local zone in force then; NAME (may be NULL) gets its abbreviation. */
struct date date_zone(int64_t time, char name[DATE_ZONE_NAME_MAX]);

/* Calendar arithmetic, proleptic Gregorian: days since 1970 for year, month 1-12, day 1-31. */
int64_t date_days(int64_t year, int month, int day);

#endif
