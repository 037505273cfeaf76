/* SPDX-License-Identifier: ISC */
#include "lib/mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>

#include "lib/base/mem.h"
#include "lib/mail/enc.h"

enum { CHARSET_NAME_MAX = 40, CHARSET_CHAR_MAX = 16, HIGH = 128, N_RELEASES = 4 };

#define NO_ICONV ((iconv_t)-1)

static const char replacement[] = "\xef\xbf\xbd";
enum { REPLACEMENT = 0xfffd };

struct charset {
	iconv_t cd;			/* NO_ICONV: table says it all */
	const uint16_t *table;		/* characters of the bytes from 0x80 on; or NULL */
	bool ascii_stays;		/* a byte below 0x80 is itself, wherever it stands */
	char held[CHARSET_CHAR_MAX];	/* the start of a character that input broke off in */
	size_t n_held;
};

/* Names that mail uses and iconv does not know, or knows as something narrower than is sent. */
static const struct { const char *mail, *iconv; } aliases[] = {
	{ "gb2312", "GB18030" }, { "gbk", "GB18030" }, { "x-gbk", "GB18030" },
	{ "ks_c_5601-1987", "UHC" }, { "euc-kr", "UHC" }, { "iso-8859-8-i", "ISO-8859-8" },
	{ "iso-8859-8-e", "ISO-8859-8" }, { "iso-8859-6-i", "ISO-8859-6" },
	{ "shift_jis", "CP932" }, { "x-sjis", "CP932" }, { "unicode-1-1-utf-7", "UTF-7" },
	{ "unicode-1-1-utf-8", "UTF-8" }, { "utf8", "UTF-8" }, { "ascii", "US-ASCII" },
	{ "x-unknown", "US-ASCII" }, { "unknown-8bit", "US-ASCII" },
};

/* Of these (and what is numbered behind a '-' at the end) iconv has nothing to say on ASCII. Not
 * so the ones with combining characters, shifts or second bytes below 0x80. */
static const char *const ascii_sets[] = {
	"UTF-8", "US-ASCII", "ISO-8859-", "KOI8-", "CP1250", "CP1251", "CP1252", "CP1253", "CP1254",
	"CP1256", "CP1257", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253",
	"WINDOWS-1254", "WINDOWS-1256", "WINDOWS-1257",
};

static bool keeps_ascii(const char *name)
{
	for (size_t i = 0; i < sizeof(ascii_sets) / sizeof(ascii_sets[0]); i++) {
		struct slice set = slice_str(ascii_sets[i]);
		bool is_family = slice_ends(set, SLICE_LIT("-"));

		if (is_family ? slice_istarts(slice_str(name), set) : slice_iis(set, name))
			return true;
	}
	return false;
}

/* How many bytes at the start of S are ASCII; most text is nothing else. */
static size_t ascii_prefix(struct slice s)
{
	size_t i = 0;
	uint64_t eight;

	for (; i + sizeof(eight) <= s.n; i += sizeof(eight)) {
		memcpy(&eight, s.p + i, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < s.n && !char_is_8bit(s.p[i]))
		i++;
	return i;
}

/* Charsets of one byte a character. charset_warm() asks iconv for each byte once: a module kept open
 * is five mappings that every job forked from this process would copy. (Of CP1255 and CP1258, letters
 * and their marks then come out apart, not composed: canonically the same.) */
static const char *const singles[] = {
	"ISO-8859-1", "ISO-8859-2", "ISO-8859-3", "ISO-8859-4", "ISO-8859-5", "ISO-8859-6",
	"ISO-8859-7", "ISO-8859-8", "ISO-8859-9", "ISO-8859-10", "ISO-8859-13", "ISO-8859-14",
	"ISO-8859-15", "ISO-8859-16", "CP1250", "CP1251", "CP1252", "CP1253", "CP1254", "CP1255",
	"CP1256", "CP1257", "CP1258", "KOI8-R", "KOI8-U", "TIS-620", "CP437", "CP850", "CP852",
	"CP866", "MACINTOSH",
};
enum { N_SINGLES = sizeof(singles) / sizeof(singles[0]) };
static uint16_t tables[N_SINGLES][HIGH];
static bool tables_are_made;

static const uint16_t *find_table(const char *name)
{
	struct slice windows = SLICE_LIT("WINDOWS-"), rest = slice_str(name);
	bool is_windows = slice_istarts(rest, windows);

	for (size_t i = 0; tables_are_made && i < N_SINGLES; i++) {
		struct slice known = slice_str(singles[i]);

		if (slice_ieq(rest, known) ||
		    (is_windows && slice_starts(known, SLICE_LIT("CP")) &&
		     slice_eq(slice_skip(rest, windows.n), slice_skip(known, 2))))
			return tables[i];
	}
	return NULL;
}

static void make_table(const char *name, uint16_t table[HIGH])
{
	iconv_t cd = iconv_open("UTF-16LE", name);

	for (unsigned i = 0; i < HIGH; i++) {
		char byte = (char)(HIGH + i), utf16[8], *src = &byte, *dst = utf16;
		size_t left = 1, room = sizeof(utf16);

		table[i] = REPLACEMENT;
		if (cd == NO_ICONV)
			continue;
		iconv(cd, NULL, NULL, NULL, NULL);
		/* The second call: some hold a letter back, for a mark that may follow. */
		if (iconv(cd, &src, &left, &dst, &room) != (size_t)-1 &&
		    iconv(cd, NULL, NULL, &dst, &room) != (size_t)-1 &&
		    room == sizeof(utf16) - 2 && (utf16[1] != 0 || char_is_8bit(utf16[0])))
			table[i] = (uint16_t)((uint8_t)utf16[0] | (uint8_t)utf16[1] << 8);
	}
	if (cd != NO_ICONV)
		iconv_close(cd);
}

/* The '/' of iconv's own suffixes ("//TRANSLIT") is no part of a charset's name. */
static bool iconv_name(struct slice name, char out[CHARSET_NAME_MAX])
{
	for (size_t i = 0; i < name.n; i++) {
		if (!char_is_alnum(name.p[i]) && strchr("-_.:+", name.p[i]) == NULL)
			return false;
	}
	if (name.n == 0 || !slice_to_cstr(name, out, CHARSET_NAME_MAX))
		return false;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (slice_iis(name, aliases[i].mail))
			return slice_to_cstr(slice_str(aliases[i].iconv), out, CHARSET_NAME_MAX);
	}
	return true;
}

enum rc charset_open(struct slice name, struct charset **ret)
{
	char n[CHARSET_NAME_MAX];
	const uint16_t *table;
	iconv_t cd;

	if (!iconv_name(name, n))
		return RC_END;
	table = find_table(n);
	cd = table != NULL ? NO_ICONV : iconv_open("UTF-8", n);
	if (cd == NO_ICONV && table == NULL)
		return RC_END;
	*ret = mem_new(1, sizeof(**ret));
	(*ret)->cd = cd;
	(*ret)->table = table;
	(*ret)->ascii_stays = keeps_ascii(n);
	return RC_OK;
}

void charset_close(struct charset **c)
{
	if (*c == NULL)
		return;
	if ((*c)->cd != NO_ICONV)
		iconv_close((*c)->cd);
	free(*c);
	*c = NULL;
}

void charset_warm(void)
{
	static const char *const usual[] = {
		"UTF-8", "US-ASCII", "GB18030", "BIG5", "CP932", "ISO-2022-JP", "EUC-JP", "UHC",
		"UTF-7", "UTF-16",
	};
	/* Held open for ever: glibc unloads modules that nobody uses. */
	static struct charset *kept[sizeof(usual) / sizeof(usual[0])];

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (kept[i] == NULL && charset_open(slice_str(usual[i]), &kept[i]) != RC_OK)
			kept[i] = NULL;
	}
	for (size_t i = 0; i < N_SINGLES && !tables_are_made; i++)
		make_table(singles[i], tables[i]);
	tables_are_made = true;
	/* The last ones go when others have been released after them. */
	for (size_t i = 0; i < N_RELEASES; i++) {
		iconv_t cd = iconv_open("UTF-8", "UTF-16LE");

		if (cd != NO_ICONV)
			iconv_close(cd);
	}
}

/* Convert what iconv takes of *IN; returns its errno, 0 when *IN is used up. */
static int convert(struct charset *c, struct slice *in, struct buf *out)
{
	for (;;) {
		char tmp[1024], *dst = tmp, *src = (char *)(uintptr_t)in->p;
		size_t room = sizeof(tmp), left = in->n, rc;

		errno = 0;
		rc = iconv(c->cd, &src, &left, &dst, &room);
		/* glibc lets characters beyond U+10FFFF pass. */
		enc_utf8_clean(slice_make(tmp, sizeof(tmp) - room), out);
		*in = slice_skip(*in, in->n - left);
		if (rc != (size_t)-1)
			return 0;
		if (errno != E2BIG)
			return errno;
	}
}

/* Convert all of *IN but the start of a character at its end. */
static void convert_all(struct charset *c, struct slice *in, struct buf *out)
{
	int e;

	while ((e = convert(c, in, out)) != 0) {
		if (e == EINVAL && in->n < CHARSET_CHAR_MAX)
			return;
		buf_adds(out, replacement);
		*in = slice_skip(*in, 1);
	}
}

static void feed_table(const uint16_t *table, struct slice in, struct buf *out)
{
	while (in.n > 0) {
		struct slice plain = slice_sub(in, 0, ascii_prefix(in));
		unsigned ch;

		buf_add(out, plain);
		in = slice_skip(in, plain.n);
		if (in.n == 0)
			return;
		ch = table[(uint8_t)in.p[0] - HIGH];
		if (ch >= 0x800)
			buf_addc(out, (char)(0xe0 | ch >> 12));
		buf_addc(out, (char)(ch >= 0x800 ? 0x80 | (ch >> 6 & 0x3f) : 0xc0 | ch >> 6));
		buf_addc(out, (char)(0x80 | (ch & 0x3f)));
		in = slice_skip(in, 1);
	}
}

void charset_feed(struct charset *c, struct slice in, struct buf *out)
{
	if (c->table != NULL) {
		feed_table(c->table, in, out);
		return;
	}
	while (c->n_held > 0 && in.n > 0) {
		struct slice held;

		c->held[c->n_held++] = in.p[0];
		in = slice_skip(in, 1);
		held = slice_make(c->held, c->n_held);
		convert_all(c, &held, out);
		memmove(c->held, held.p, held.n);
		c->n_held = held.n;
	}
	if (c->n_held == 0 && c->ascii_stays) {
		struct slice plain = slice_sub(in, 0, ascii_prefix(in));

		buf_add(out, plain);
		in = slice_skip(in, plain.n);
	}
	if (in.n == 0)
		return;
	convert_all(c, &in, out);
	memcpy(c->held, in.p, in.n);
	c->n_held = in.n;
}

void charset_finish(struct charset *c, struct buf *out)
{
	char tmp[64], *dst = tmp;
	size_t room = sizeof(tmp);

	if (c->table != NULL)
		return;
	if (iconv(c->cd, NULL, NULL, &dst, &room) != (size_t)-1)
		enc_utf8_clean(slice_make(tmp, sizeof(tmp) - room), out);
	if (c->n_held > 0)
		buf_adds(out, replacement);
	c->n_held = 0;
}

enum rc charset_to_utf8(struct slice name, struct slice in, struct buf *out)
{
	struct charset *c;
	enum rc rc = charset_open(name, &c);

	if (rc != RC_OK)
		return rc;
	charset_feed(c, in, out);
	charset_finish(c, out);
	charset_close(&c);
	return RC_OK;
}

/* --- encoded words --- */

struct word {
	struct slice charset, text;
	enum enc_kind kind;
};

/* Cut an encoded word off the front of *S. Text with blanks is accepted: senders do that. */
static bool take_word(struct slice *s, struct word *w)
{
	struct slice rest = slice_skip(*s, 2);
	ptrdiff_t q = slice_chr(slice_sub(rest, 0, 80), '?');
	char kind;

	if (!slice_starts(*s, SLICE_LIT("=?")) || q <= 0 || (size_t)q + 2 >= rest.n)
		return false;
	w->charset = slice_sub(rest, 0, (size_t)q);
	if (slice_chr(w->charset, '*') >= 0)
		w->charset = slice_sub(w->charset, 0, (size_t)slice_chr(w->charset, '*'));
	kind = char_lower(rest.p[q + 1]);
	if ((kind != 'b' && kind != 'q') || rest.p[q + 2] != '?')
		return false;
	w->kind = kind == 'b' ? ENC_BASE64 : ENC_QP;
	rest = slice_skip(rest, (size_t)q + 3);
	q = slice_chr(rest, '?');
	if (q < 0 || (size_t)q + 1 >= rest.n || rest.p[q + 1] != '=')
		return false;
	w->text = slice_sub(rest, 0, (size_t)q);
	*s = slice_skip(rest, (size_t)q + 2);
	return true;
}

/* The Q encoding: '_' is a blank, "=XX" a byte; nothing is lost at line ends. */
static void decode_q(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '=' && i + 2 < text.n && char_hex(text.p[i + 1]) >= 0 &&
		    char_hex(text.p[i + 2]) >= 0) {
			buf_addc(out, (char)(char_hex(text.p[i + 1]) << 4 |
					     char_hex(text.p[i + 2])));
			i += 2;
		} else if (text.p[i] != '\r' && text.p[i] != '\n') {
			buf_addc(out, text.p[i] == '_' ? ' ' : text.p[i]);
		}
	}
}

struct word_decoder {
	struct charset *charset;	/* open while words of this charset follow each other */
	struct slice name;
	struct charset *plain;		/* UTF-8, for the text between the words */
	struct buf bytes;
	struct buf *out;
};

static void end_words(struct word_decoder *d)
{
	if (d->charset != NULL)
		charset_finish(d->charset, d->out);
	charset_close(&d->charset);
}

static bool add_word(struct word_decoder *d, const struct word *w)
{
	struct enc_decoder b64;

	if (d->charset == NULL || !slice_ieq(d->name, w->charset)) {
		struct charset *c;

		if (charset_open(w->charset, &c) != RC_OK)
			return false;
		end_words(d);
		d->charset = c;
		d->name = w->charset;
	}
	buf_reset(&d->bytes);
	if (w->kind == ENC_QP) {
		decode_q(w->text, &d->bytes);
	} else {
		enc_decoder_init(&b64, ENC_BASE64);
		enc_decode(&b64, w->text, &d->bytes);
	}
	charset_feed(d->charset, buf_slice(&d->bytes), d->out);
	return true;
}

static void add_plain(struct word_decoder *d, struct slice text)
{
	struct slice part;

	end_words(d);
	while (text.n > 0) {
		size_t i = 0;

		while (i < text.n && text.p[i] != '\r' && text.p[i] != '\n')
			i++;
		part = slice_sub(text, 0, i);
		charset_feed(d->plain, part, d->out);
		text = slice_skip(text, i + 1);
	}
	charset_finish(d->plain, d->out);
}

static bool is_all_space(struct slice s)
{
	return slice_trim_space(s).n == 0;
}

void charset_decode_words(struct slice in, struct buf *out)
{
	struct word_decoder d = { .out = out };
	struct slice plain = { in.p, 0 }, rest = in;
	struct word w;

	if (charset_open(SLICE_LIT("UTF-8"), &d.plain) != RC_OK)
		return;	/* glibc has it built in */
	buf_init(&d.bytes, in.n + 1);
	while (rest.n > 0) {
		struct slice after = rest;

		if (rest.p[0] == '=' && take_word(&after, &w)) {
			plain.n = (size_t)(rest.p - plain.p);
			if (plain.n > 0 && !(d.charset != NULL && is_all_space(plain)))
				add_plain(&d, plain);
			plain.p = rest.p;
			if (add_word(&d, &w))
				plain.p = after.p;
			else
				end_words(&d);
			rest = after;
		} else {
			rest = slice_skip(rest, 1);
		}
	}
	plain.n = (size_t)(in.p + in.n - plain.p);
	if (plain.n > 0)
		add_plain(&d, plain);
	end_words(&d);
	charset_close(&d.plain);
	buf_done(&d.bytes);
}

/* --- folding --- */

void charset_fold(struct slice utf8, struct buf *out)
{
	uint8_t *folded = NULL;
	size_t n;
	char *dst;

	if (ascii_prefix(utf8) < utf8.n)
		folded = u8_casefold((const uint8_t *)utf8.p, utf8.n, NULL, UNINORM_NFKD, NULL, &n);
	if (folded != NULL) {
		buf_add(out, slice_make(folded, n));
		free(folded);
		return;
	}
	dst = buf_reserve(out, utf8.n, &n);
	for (size_t i = 0; i < n; i++)
		dst[i] = char_lower(utf8.p[i]);
	buf_commit(out, n);
	buf_add(out, slice_skip(utf8, n));	/* remembers that it did not fit */
}
