/* SPDX-License-Identifier: ISC */
#include "lib/queue/reason.h"

#include "lib/base/num.h"

static void put(struct buf *out, const char *name, struct slice value)
{
	if (value.n == 0)
		return;
	buf_adds(out, name);
	buf_addc(out, '=');
	for (size_t i = 0; i < value.n; i++)
		buf_addc(out, char_is_cntrl(value.p[i]) ? '?' : value.p[i]);
	buf_addc(out, '\n');
}

void queue_reason_put(struct buf *out, const struct queue_reason *r)
{
	size_t start = buf_len(out);

	put(out, "recipient", r->recipient);
	put(out, "original_recipient", r->original);
	buf_addf(out, "offset=%u\n", (unsigned)r->index);
	put(out, "status", r->status);
	buf_adds(out, "action=delayed\n");
	put(out, "reason", r->text);
	buf_addc(out, '\n');
	if (buf_is_over(out))
		buf_truncate(out, start);	/* whole blocks only */
}

static void take_field(struct slice line, struct queue_reason *r, bool *has_index)
{
	struct slice value = line, name;

	if (slice_chr(line, '=') < 0 || !slice_split(&value, '=', &name))
		return;
	if (slice_is(name, "recipient"))
		r->recipient = value;
	else if (slice_is(name, "original_recipient"))
		r->original = value;
	else if (slice_is(name, "offset"))
		*has_index = num_u32(value, UINT32_MAX, &r->index) == RC_OK;
	else if (slice_is(name, "status"))
		r->status = value;
	else if (slice_is(name, "reason"))
		r->text = value;
}

bool queue_reason_next(struct slice *rest, struct queue_reason *out)
{
	struct queue_reason r = { 0 };
	bool has_index = false;
	struct slice line;

	while (slice_line(rest, &line)) {
		if (line.n > 0) {
			take_field(line, &r, &has_index);
			continue;
		}
		if (has_index && r.text.n > 0) {
			*out = r;
			return true;
		}
		r = (struct queue_reason){ 0 };
		has_index = false;
	}
	return false;
}
