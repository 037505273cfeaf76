/* SPDX-License-Identifier: ISC */
#include "lib/store/maildir/md_name.h"

#include "lib/base/num.h"

static const struct {
	char letter;
	uint8_t flag;
} letters[] = {
	{ 'D', STORE_DRAFT }, { 'F', STORE_FLAGGED }, { 'R', STORE_ANSWERED },
	{ 'S', STORE_SEEN }, { 'T', STORE_DELETED },
};

static uint8_t flag_of(char c)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].letter == c)
			return letters[i].flag;
	return 0;
}

/* Split ":2,FLAGS,FIELDS": FIELDS keeps its comma. Other infos (":1,...") have neither. */
static void split_info(struct slice info, struct slice *flags, struct slice *fields)
{
	ptrdiff_t comma;

	*flags = *fields = (struct slice){ NULL, 0 };
	if (!slice_starts(info, SLICE_LIT(":2,")))
		return;
	*flags = slice_skip(info, 3);
	comma = slice_chr(*flags, ',');
	if (comma >= 0) {
		*fields = slice_skip(*flags, (size_t)comma);
		*flags = slice_sub(*flags, 0, (size_t)comma);
	}
}

void md_name_parse(struct slice name, struct md_name *out)
{
	ptrdiff_t colon = slice_chr(name, ':');
	struct slice flags, fields;

	*out = (struct md_name){ .base = name };
	if (colon < 0)
		return;
	out->base = slice_sub(name, 0, (size_t)colon);
	out->info = slice_skip(name, (size_t)colon);
	split_info(out->info, &flags, &fields);
	for (size_t i = 0; i < flags.n; i++) {
		if (char_is_lower(flags.p[i]))
			out->keywords |= 1u << (flags.p[i] - 'a');
		else
			out->flags |= flag_of(flags.p[i]);
	}
}

uint64_t md_name_size(struct slice base, char key)
{
	char want[] = { ',', key, '=' };
	ptrdiff_t at = slice_find(base, slice_make(want, sizeof(want)));
	struct slice digits;
	uint64_t n;

	if (at < 0)
		return MD_SIZE_UNKNOWN;
	base = slice_skip(base, (size_t)at + sizeof(want));
	digits = slice_take_while(&base, char_is_digit);
	if ((base.n > 0 && base.p[0] != ',') || num_u64(digits, INT64_MAX, &n) != RC_OK)
		return MD_SIZE_UNKNOWN;
	return n;
}

/* "SECONDS.M123P..." as numbers; what is not there counts as 0. */
static void arrival(struct slice base, uint64_t *secs, uint64_t *usecs)
{
	struct slice digits = slice_take_while(&base, char_is_digit);

	*secs = *usecs = 0;
	if (num_u64(digits, UINT64_MAX, secs) != RC_OK)
		*secs = 0;
	if (!slice_starts(base, SLICE_LIT(".M")))
		return;
	base = slice_skip(base, 2);
	digits = slice_take_while(&base, char_is_digit);
	if (num_u64(digits, UINT64_MAX, usecs) != RC_OK)
		*usecs = 0;
}

int md_name_cmp(struct slice a, struct slice b)
{
	uint64_t a_secs, a_usecs, b_secs, b_usecs;

	arrival(a, &a_secs, &a_usecs);
	arrival(b, &b_secs, &b_usecs);
	if (a_secs != b_secs)
		return a_secs < b_secs ? -1 : 1;
	if (a_usecs != b_usecs)
		return a_usecs < b_usecs ? -1 : 1;
	return slice_cmp(a, b);
}

bool md_name_is_usable(struct slice base)
{
	if (base.n == 0 || base.n > MD_NAME_MAX || base.p[0] == '.')
		return false;
	for (size_t i = 0; i < base.n; i++)
		if (char_is_cntrl(base.p[i]) || base.p[i] == '/' || base.p[i] == ':')
			return false;
	return true;
}

static bool is_ours(char c) { return char_is_lower(c) || flag_of(c) != 0; }

void md_name_put_info(struct slice old_info, uint8_t flags, uint32_t keywords, struct buf *out)
{
	struct slice old_flags, fields;
	bool has[256] = { false };

	split_info(old_info, &old_flags, &fields);
	for (size_t i = 0; i < old_flags.n; i++)
		if (!is_ours(old_flags.p[i]))
			has[(unsigned char)old_flags.p[i]] = true;
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		has[(unsigned char)letters[i].letter] = (flags & letters[i].flag) != 0;
	for (unsigned i = 0; i < MD_KEYWORDS; i++)
		has['a' + i] = (keywords >> i & 1) != 0;
	buf_adds(out, ":2,");
	for (int c = 0; c < 256; c++)
		if (has[c])
			buf_addc(out, (char)c);
	buf_add(out, fields);
}
