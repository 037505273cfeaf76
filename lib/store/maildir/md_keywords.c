/* SPDX-License-Identifier: ISC */
#include "lib/store/maildir/md_keywords.h"

#include "lib/base/num.h"

bool md_keyword_is_valid(struct slice name)
{
	if (name.n == 0 || name.n > STORE_KEYWORD_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' ||
		    strchr("(){%*\"\\]", name.p[i]) != NULL)
			return false;
	return true;
}

/* May the rest of a line be a name at all, even one that IMAP cannot show? */
static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_is_cntrl(s.p[i]))
			return false;
	return s.n > 0;
}

void md_keywords_parse(struct slice text, struct md_keywords *out)
{
	struct slice line, number;
	uint32_t i;

	*out = (struct md_keywords){ 0 };
	while (slice_line(&text, &line)) {
		if (!slice_split(&line, ' ', &number) ||
		    num_u32(number, MD_KEYWORDS - 1, &i) != RC_OK || out->name[i][0] != '\0' ||
		    !is_name(line))
			continue;
		if (!slice_to_cstr(line, out->name[i], sizeof(out->name[i])))
			out->name[i][0] = '\0';
	}
}

void md_keywords_put(const struct md_keywords *k, struct buf *out)
{
	for (int i = 0; i < MD_KEYWORDS; i++)
		if (k->name[i][0] != '\0')
			buf_addf(out, "%d %s\n", i, k->name[i]);
}

int md_keywords_find(const struct md_keywords *k, struct slice name)
{
	for (int i = 0; i < MD_KEYWORDS; i++)
		if (k->name[i][0] != '\0' && slice_iis(name, k->name[i]))
			return i;
	return -1;
}

int md_keywords_add(struct md_keywords *k, struct slice name)
{
	if (!md_keyword_is_valid(name))
		return -1;
	for (int i = 0; i < MD_KEYWORDS; i++)
		if (k->name[i][0] == '\0')
			return slice_to_cstr(name, k->name[i], sizeof(k->name[i])) ? i : -1;
	return -1;
}
