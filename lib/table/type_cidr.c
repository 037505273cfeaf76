/* lib/table/type_cidr.c - cidr: - networks in order. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/table/net.h"
#include "lib/table/pattern.h"

static enum rc compile_cidr(struct slice *line, void **ret, unsigned *ret_groups,
			    struct err *err)
{
	struct net net;
	size_t i;
	enum rc rc;

	for (i = 0; i < line->n && !char_is_space(line->p[i]); i++)
		;
	rc = net_parse(slice_sub(*line, 0, i), &net, err);
	if (rc != RC_OK)
		return rc;
	*line = slice_skip(*line, i);
	*ret = mem_dup(&net, sizeof(net));
	*ret_groups = 0;
	return RC_OK;
}

static enum rc match_cidr(void *pattern, struct slice key, struct pattern_groups *groups,
			  struct err *err)
{
	struct net address;

	(void)groups;
	(void)err;
	if (!net_parse_address(key, &address))
		return RC_END;
	return net_contains(pattern, &address) ? RC_OK : RC_END;
}

/* Without this a negated network would match everything that is no address. */
static bool accepts_address(struct slice key)
{
	struct net address;

	return net_parse_address(key, &address);
}

static enum rc open_cidr(struct table *t, const char *name, struct err *err)
{
	static const struct pattern_ops ops = {
		.compile = compile_cidr, .match = match_cidr, .free = free,
		.accepts = accepts_address,
	};

	return pattern_open(t, name, &ops, err);
}

const struct table_type table_type_cidr = {
	.name = "cidr", .is_pattern = true, .open = open_cidr, .lookup = pattern_lookup,
	.close = pattern_close,
};
