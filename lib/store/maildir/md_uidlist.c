/* SPDX-License-Identifier: ISC */
#include "lib/store/maildir/md_uidlist.h"

#include <inttypes.h>

#include "lib/base/num.h"

static enum rc take_line(struct slice *text, struct slice *ret_line)
{
	ptrdiff_t lf = slice_chr(*text, '\n');

	if (text->n == 0)
		return RC_END;
	if (lf < 0)
		return RC_MORE;
	*ret_line = slice_sub(*text, 0, (size_t)lf);
	*text = slice_skip(*text, (size_t)lf + 1);
	return slice_has_nul(*ret_line) ? RC_SYNTAX : RC_OK;
}

static enum rc uid_of(struct slice s, uint32_t min, uint32_t *out)
{
	uint32_t uid;

	if (num_u32(s, UINT32_MAX, &uid) != RC_OK || uid < min)
		return RC_SYNTAX;
	*out = uid;
	return RC_OK;
}

static bool is_key(struct slice word)
{
	return word.n > 0 && char_is_upper(word.p[0]);
}

static enum rc head_v1(struct slice rest, struct md_uidlist_head *out)
{
	struct slice v, n;

	if (!slice_token(&rest, " ", &v) || !slice_token(&rest, " ", &n) ||
	    slice_trim(rest).n > 0 || uid_of(v, 1, &out->uidvalidity) != RC_OK)
		return RC_SYNTAX;
	return uid_of(n, 1, &out->uidnext);
}

/* V and N come first as everyone writes them; the keys behind them are kept as one piece. */
static enum rc head_v3(struct slice rest, struct md_uidlist_head *out)
{
	struct slice word, next = rest;

	while (slice_token(&next, " ", &word) && (word.p[0] == 'V' || word.p[0] == 'N')) {
		uint32_t *to = word.p[0] == 'V' ? &out->uidvalidity : &out->uidnext;

		if (uid_of(slice_skip(word, 1), 1, to) != RC_OK)
			return RC_SYNTAX;
		rest = next;
	}
	out->keys = slice_trim(rest);
	for (next = out->keys; slice_token(&next, " ", &word);)
		if (!is_key(word) || word.p[0] == 'V' || word.p[0] == 'N')
			return RC_SYNTAX;
	return out->uidvalidity != 0 && out->uidnext != 0 ? RC_OK : RC_SYNTAX;
}

enum rc md_uidlist_head(struct slice *text, struct md_uidlist_head *out)
{
	struct slice line, word;

	*out = (struct md_uidlist_head){ 0 };
	if (take_line(text, &line) != RC_OK || !slice_split(&line, ' ', &word))
		return RC_SYNTAX;
	if (slice_is(word, "1")) {
		out->version = 1;
		return head_v1(line, out);
	}
	if (!slice_is(word, "3"))
		return RC_SYNTAX;
	out->version = 3;
	return head_v3(line, out);
}

static enum rc check_keys(struct slice keys)
{
	struct slice word;

	while (slice_token(&keys, " ", &word))
		if (!is_key(word))
			return RC_SYNTAX;
	return RC_OK;
}

enum rc md_uidlist_record(struct slice *text, unsigned version, struct md_record *out)
{
	struct slice line, word;
	enum rc rc = take_line(text, &line);
	ptrdiff_t colon;

	if (rc != RC_OK)
		return rc;
	*out = (struct md_record){ 0 };
	if (!slice_split(&line, ' ', &word) || uid_of(word, 1, &out->uid) != RC_OK)
		return RC_SYNTAX;
	if (version == 1) {
		out->base = line;
		colon = slice_chr(line, ':');
		if (colon >= 0)
			out->base = slice_sub(line, 0, (size_t)colon);
		return out->base.n > 0 ? RC_OK : RC_SYNTAX;
	}
	/* The base is what follows " :"; a key's value may hold a colon of its own. */
	if (line.n > 0 && line.p[0] == ':') {
		colon = 0;
	} else {
		colon = slice_find(line, SLICE_LIT(" :"));
		if (colon < 0)
			return RC_SYNTAX;
		out->keys = slice_trim(slice_sub(line, 0, (size_t)colon));
		colon++;
	}
	out->base = slice_skip(line, (size_t)colon + 1);
	/* Old versions wrote the flags too. */
	colon = slice_chr(out->base, ':');
	if (colon >= 0)
		out->base = slice_sub(out->base, 0, (size_t)colon);
	return out->base.n > 0 ? check_keys(out->keys) : RC_SYNTAX;
}

bool md_uidlist_key(struct slice keys, char key, struct slice *out)
{
	struct slice word;

	while (slice_token(&keys, " ", &word)) {
		if (word.p[0] == key) {
			*out = slice_skip(word, 1);
			return true;
		}
	}
	return false;
}

void md_uidlist_put_head(const struct md_uidlist_head *head, struct buf *out)
{
	buf_addf(out, "3 V%" PRIu32 " N%" PRIu32, head->uidvalidity, head->uidnext);
	if (head->keys.n > 0) {
		buf_addc(out, ' ');
		buf_add(out, head->keys);
	}
	buf_addc(out, '\n');
}

void md_uidlist_put_record(const struct md_record *r, struct buf *out)
{
	buf_addf(out, "%" PRIu32 " ", r->uid);
	if (r->keys.n > 0) {
		buf_add(out, r->keys);
		buf_addc(out, ' ');
	}
	buf_addc(out, ':');
	buf_add(out, r->base);
	buf_addc(out, '\n');
}
