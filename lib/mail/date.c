/* SPDX-License-Identifier: ISC */
#include "lib/mail/date.h"

#include <time.h>

#include "lib/base/num.h"
#include "lib/mail/cfws.h"

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "SunMonTueWedThuFriSat";

struct fields {
	int64_t year;
	int month, day, hour, minute, second;
	int zone;
};

int64_t date_days(int64_t year, int month, int day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The inverse of date_days() and the time of day, in D's zone; clamped to years 0 to 9999. */
static void break_down(struct date d, struct fields *f, int *ret_weekday)
{
	int64_t low = date_days(0, 1, 1) * 86400, high = date_days(10000, 1, 1) * 86400 - 1;
	int64_t t = d.time < low ? low : d.time > high ? high : d.time;
	int64_t day, era, doe, yoe, doy, mp, rest;

	t += (int64_t)d.zone * 60;
	t = t < low ? low : t > high ? high : t;
	day = floor_div(t, 86400);
	rest = t - day * 86400;
	*ret_weekday = (int)(((day + 4) % 7 + 7) % 7);
	day += 719468;
	era = floor_div(day, 146097);
	doe = day - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*f = (struct fields){
		.year = yoe + era * 400 + (mp >= 10), .month = (int)(mp < 10 ? mp + 3 : mp - 9),
		.day = (int)(doy - (153 * mp + 2) / 5 + 1), .hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60), .second = (int)(rest % 60), .zone = d.zone,
	};
}

static bool is_leap(int64_t y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static enum rc make(const struct fields *f, struct date *out)
{
	static const char month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (f->year < 1 || f->year > 9999 || f->month < 1 || f->month > 12 || f->day < 1 ||
	    f->day > month_days[f->month - 1] + (f->month == 2 && is_leap(f->year)) ||
	    f->hour > 23 || f->minute > 59 || f->second > 60)
		return RC_SYNTAX;
	*out = (struct date){
		.time = date_days(f->year, f->month, f->day) * 86400 + f->hour * 3600 +
			f->minute * 60 + f->second - (int64_t)f->zone * 60,
		.zone = f->zone,
	};
	return RC_OK;
}

/* --- parsing --- */

/* MIN to MAX digits; *RET_N (may be NULL) is how many there were. */
static bool take_number(struct slice *s, size_t min, size_t max, int *out, size_t *ret_n)
{
	struct slice digits;
	uint32_t v;

	cfws_skip(s);
	digits = slice_take_while(s, char_is_digit);
	if (digits.n < min || digits.n > max || num_u32(digits, 99999, &v) != RC_OK)
		return false;
	*out = (int)v;
	if (ret_n != NULL)
		*ret_n = digits.n;
	return true;
}

/* Index of the three-letter NAME in TABLE, or -1; longer names ("Sept", "Tuesday") only have to
 * start with an entry. */
static int name_index(struct slice name, const char *table)
{
	for (int i = 0; name.n >= 3 && table[3 * i] != '\0'; i++) {
		if (slice_ieq(slice_sub(name, 0, 3), slice_make(table + 3 * i, 3)))
			return i;
	}
	return -1;
}

static bool take_month(struct slice *s, struct fields *f)
{
	int i;

	cfws_skip(s);
	i = name_index(slice_take_while(s, char_is_alpha), months);
	f->month = i + 1;
	return i >= 0;
}

/* RFC 5322, 4.3. */
static bool take_year(struct slice *s, struct fields *f)
{
	size_t n;
	int year;

	if (!take_number(s, 2, 5, &year, &n))
		return false;
	f->year = n == 2 ? year + (year < 50 ? 2000 : 1900) : n == 3 ? year + 1900 : year;
	return true;
}

static bool take_time(struct slice *s, struct fields *f)
{
	if (!take_number(s, 1, 2, &f->hour, NULL) || !cfws_take(s, ':') ||
	    !take_number(s, 1, 2, &f->minute, NULL))
		return false;
	return !cfws_take(s, ':') || take_number(s, 1, 2, &f->second, NULL);
}

static bool take_offset(struct slice *s, int *zone)
{
	int sign = s->n > 0 && s->p[0] == '-' ? -1 : 1, v;

	*s = slice_skip(*s, 1);
	if (s->n == 0 || !char_is_digit(s->p[0]) || !take_number(s, 4, 4, &v, NULL) ||
	    v / 100 > 23 || v % 100 > 59)
		return false;
	*zone = sign * (v / 100 * 60 + v % 100);
	return true;
}

/* Absent and unknown zones count as UTC (RFC 5322, 4.3). */
static bool take_zone(struct slice *s, struct fields *f)
{
	static const struct { char name[4]; int hours; } zones[] = {
		{ "EDT", -4 }, { "EST", -5 }, { "CDT", -5 }, { "CST", -6 }, { "MDT", -6 },
		{ "MST", -7 }, { "PDT", -7 }, { "PST", -8 },
	};
	struct slice name;

	cfws_skip(s);
	if (s->n > 0 && (s->p[0] == '+' || s->p[0] == '-'))
		return take_offset(s, &f->zone);
	name = slice_take_while(s, char_is_alpha);
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (slice_iis(name, zones[i].name))
			f->zone = zones[i].hours * 60;
	}
	return true;
}

/* "Sep  1 10:00:00 2026" after the day of the week, with or without a zone behind or before the
 * year. */
static bool take_asctime(struct slice *s, struct fields *f)
{
	if (!take_month(s, f) || !take_number(s, 1, 2, &f->day, NULL) || !take_time(s, f))
		return false;
	cfws_skip(s);
	if (s->n > 0 && !char_is_digit(s->p[0]))
		return take_zone(s, f) && take_year(s, f);
	return take_year(s, f) && take_zone(s, f);
}

enum rc date_parse(struct slice s, struct date *out)
{
	struct fields f = { 0 };
	struct slice rest;

	cfws_skip(&s);
	rest = s;
	if (name_index(slice_take_while(&rest, char_is_alpha), days) >= 0) {
		(void)cfws_take(&rest, ',');
		s = rest;
	}
	cfws_skip(&s);
	if (s.n > 0 && char_is_alpha(s.p[0]))
		return take_asctime(&s, &f) ? make(&f, out) : RC_SYNTAX;
	if (!take_number(&s, 1, 2, &f.day, NULL))
		return RC_SYNTAX;
	(void)cfws_take(&s, '-');
	if (!take_month(&s, &f))
		return RC_SYNTAX;
	(void)cfws_take(&s, '-');
	if (!take_year(&s, &f) || !take_time(&s, &f) || !take_zone(&s, &f))
		return RC_SYNTAX;
	return make(&f, out);
}

/* "D-Mon-YYYY", strict; a leading blank in place of a zero only where BLANK_OK. */
static bool take_imap_day(struct slice *s, bool blank_ok, struct fields *f)
{
	uint32_t v;
	ptrdiff_t dash = slice_chr(*s, '-');
	struct slice day = slice_sub(*s, 0, dash > 0 ? (size_t)dash : 0);

	if (blank_ok && day.n == 2 && day.p[0] == ' ')
		day = slice_skip(day, 1);
	if (day.n < 1 || day.n > 2 || num_u32(day, 31, &v) != RC_OK)
		return false;
	f->day = (int)v;
	*s = slice_skip(*s, (size_t)dash + 1);
	f->month = name_index(slice_sub(*s, 0, 3), months) + 1;
	if (f->month == 0 || s->n < 8 || s->p[3] != '-' ||
	    num_u32(slice_sub(*s, 4, 4), 9999, &v) != RC_OK)
		return false;
	f->year = v;
	*s = slice_skip(*s, 8);
	return true;
}

static bool two_digits(struct slice s, size_t at, int *out)
{
	uint32_t v;

	if (at + 2 > s.n || num_u32(slice_sub(s, at, 2), 99, &v) != RC_OK)
		return false;
	*out = (int)v;
	return true;
}

enum rc date_parse_imap(struct slice s, struct date *out)
{
	struct fields f = { 0 };
	struct slice zone;

	/* A day of one digit alone is short of a blank; a message is not lost for it. */
	if (!take_imap_day(&s, true, &f) || s.n != 15 || s.p[0] != ' ' ||
	    !two_digits(s, 1, &f.hour) || s.p[3] != ':' || !two_digits(s, 4, &f.minute) ||
	    s.p[6] != ':' || !two_digits(s, 7, &f.second) || s.p[9] != ' ' ||
	    (s.p[10] != '+' && s.p[10] != '-'))
		return RC_SYNTAX;
	zone = slice_skip(s, 10);
	return take_offset(&zone, &f.zone) ? make(&f, out) : RC_SYNTAX;
}

enum rc date_parse_imap_day(struct slice s, int64_t *ret_day)
{
	struct fields f = { 0 };
	struct date d;

	if (!take_imap_day(&s, false, &f) || s.n != 0 || make(&f, &d) != RC_OK)
		return RC_SYNTAX;
	*ret_day = d.time / 86400 - (d.time % 86400 < 0);
	return RC_OK;
}

int64_t date_day(struct date d)
{
	return floor_div(d.time + (int64_t)d.zone * 60, 86400);
}

/* --- printing --- */

static void print_zone(int zone, struct buf *out)
{
	int minutes = zone < 0 ? -zone : zone;

	buf_addf(out, "%c%02d%02d", zone < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
}

void date_print(struct date d, const char *name, struct buf *out)
{
	struct fields f;
	int wd;

	break_down(d, &f, &wd);
	buf_addf(out, "%.3s, %02d %.3s %04d %02d:%02d:%02d ", days + 3 * wd, f.day,
		 months + 3 * (f.month - 1), (int)f.year, f.hour, f.minute, f.second);
	print_zone(d.zone, out);
	if (name != NULL && name[0] != '\0')
		buf_addf(out, " (%s)", name);
}

void date_print_imap(struct date d, struct buf *out)
{
	struct fields f;
	int wd;

	break_down(d, &f, &wd);
	buf_addf(out, "%02d-%.3s-%04d %02d:%02d:%02d ", f.day, months + 3 * (f.month - 1),
		 (int)f.year, f.hour, f.minute, f.second);
	print_zone(d.zone, out);
}

void date_print_asctime(struct date d, struct buf *out)
{
	struct fields f;
	int wd;

	break_down(d, &f, &wd);
	buf_addf(out, "%.3s %.3s %2d %02d:%02d:%02d %04d", days + 3 * wd,
		 months + 3 * (f.month - 1), f.day, f.hour, f.minute, f.second, (int)f.year);
}

struct date date_zone(int64_t time, char name[DATE_ZONE_NAME_MAX])
{
	struct date d = { .time = time };
	time_t t = (time_t)time;
	struct tm tm;

	if (name != NULL)
		name[0] = '\0';
	if (localtime_r(&t, &tm) == NULL)
		return d;
	d.zone = (int)(tm.tm_gmtoff / 60);
	if (name != NULL)
		(void)slice_to_cstr(slice_str(tm.tm_zone), name, DATE_ZONE_NAME_MAX);
	return d;
}
