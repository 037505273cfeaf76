/* SPDX-License-Identifier: ISC */
#include "lib/imap/id.h"

static bool pair_is_valid(struct imap_args *in)
{
	struct slice name, value;

	if (!imap_args_string(in, &name) || name.n > IMAP_ID_NAME_MAX)
		return false;
	if (imap_args_is_empty(*in))
		return false;
	if (imap_arg_is_nil(imap_args_peek(*in))) {
		(void)imap_args_next(in);
		return true;
	}
	return imap_args_string(in, &value) && value.n <= IMAP_ID_VALUE_MAX;
}

bool imap_id_is_valid(struct imap_args args)
{
	const struct imap_arg *arg = imap_args_next(&args);
	struct imap_args in;
	unsigned n = 0;

	if (arg == NULL || !imap_args_is_empty(args))
		return false;
	if (imap_arg_is_nil(arg))
		return true;
	if (arg->type != IMAP_ARG_LIST)
		return false;
	for (in = imap_arg_inside(arg); !imap_args_is_empty(in); n++)
		if (n == IMAP_ID_PAIRS_MAX || !pair_is_valid(&in))
			return false;
	return true;
}
