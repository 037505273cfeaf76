/* SPDX-License-Identifier: ISC */
#include "lib/store/append.h"

#include <stdlib.h>

#include "lib/store/backend.h"

void store_appended_done(struct store_appended *r)
{
	free(r->uids);
	*r = (struct store_appended){ 0 };
}

static enum rc result(struct store_append *a, enum rc rc)
{
	if (rc != RC_OK && rc != RC_END)
		a->failed = true;
	return rc;
}

enum rc store_append_message(struct store_append *a, const struct store_append_meta *meta,
			     struct err *err)
{
	return result(a, a->ops->message(a, meta, err));
}

enum rc store_append_write(struct store_append *a, struct slice data, struct err *err)
{
	return result(a, a->ops->write(a, data, err));
}

static enum rc copy_bytes(struct store_append *a, struct store_box *from, uint32_t seq,
			  const struct store_append_meta *meta, struct err *err)
{
	struct store_content c;
	enum rc rc = store_box_read(from, seq, &c, err);

	if (rc != RC_OK)
		return rc;
	rc = a->ops->message(a, meta, err);
	if (rc == RC_OK)
		rc = a->ops->write(a, c.bytes, err);
	store_content_done(&c);
	return rc;
}

enum rc store_append_copy(struct store_append *a, struct store_box *from, uint32_t seq,
			  struct err *err)
{
	const struct store_msg *m = store_box_msg(from, seq);
	struct slice keywords[STORE_KEYWORDS_MAX];
	struct store_append_meta meta = { .flags = m->flags, .keywords = keywords };
	uint32_t uid = m->uid;
	enum rc rc;

	if (m->gone)
		return RC_END;
	for (unsigned bit = 0; bit < STORE_KEYWORDS_MAX; bit++) {
		const char *name = (m->keywords >> bit & 1) != 0 ? store_box_keyword(from, bit) :
								   NULL;

		if (name != NULL)
			keywords[meta.n_keywords++] = slice_str(name);
	}
	rc = store_box_date(from, seq, &meta.internaldate, err);
	if (rc == RC_OK)
		rc = a->ops->copy(a, from, uid, &meta, err);
	if (rc == RC_MORE)
		rc = copy_bytes(a, from, seq, &meta, err);
	return result(a, rc);
}

enum rc store_append_commit(struct store_append **a, struct store_appended *out, struct err *err)
{
	struct store_appended ignored = { 0 };
	enum rc rc;

	if ((*a)->failed)
		rc = err_set(err, RC_SYS, "the append has failed already");
	else
		rc = (*a)->ops->commit(*a, out != NULL ? out : &ignored, err);
	store_appended_done(&ignored);
	store_append_abort(a);
	return rc;
}

void store_append_abort(struct store_append **a)
{
	if (*a == NULL)
		return;
	(*a)->ops->free(*a);
	*a = NULL;
}
