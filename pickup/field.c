/* SPDX-License-Identifier: ISC */
#include "lib/mail/addr.h"
#include "pickup/pickup.h"

void make_from(const struct pickup_policy *policy, struct slice sender, struct slice full_name,
	       struct buf *out)
{
	struct addr a = { .kind = ADDR_MAILBOX };
	struct buf inner;

	if (sender.n == 0) {
		buf_adds(out, "MAILER-DAEMON");
		return;
	}
	buf_init(&inner, 2 * ADDRESS_MAX);
	address_rewrite(policy->address, sender, &inner);
	a.local = address_local(buf_slice(&inner));
	a.domain = address_domain(buf_slice(&inner));
	if (full_name.n > 0)
		a.name = full_name;
	addr_print(&a, out);
	buf_done(&inner);
}
