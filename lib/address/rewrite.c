/* The standard form of an address. (Postfix, ADDRESS_REWRITING_README) */
/* SPDX-License-Identifier: ISC */
#include "lib/address/address_int.h"

/* "@a,@b:rest" gives rest. */
static struct slice without_route(struct slice in)
{
	ptrdiff_t colon = slice_chr(in, ':');

	return in.n > 0 && in.p[0] == '@' && colon > 0 ? slice_skip(in, (size_t)colon + 1) : in;
}

static struct slice without_final_dots(struct slice domain)
{
	while (domain.n > 0 && domain.p[domain.n - 1] == '.')
		domain.n--;
	return domain;
}

/* An address without '@': what is user and what is domain in it? */
static void split_path(const struct address *a, struct slice in, struct slice *ret_local,
		       struct slice *ret_domain)
{
	ptrdiff_t bang = a->p.swap_bangpath ? slice_chr(in, '!') : -1;
	ptrdiff_t percent = a->p.allow_percent_hack ? slice_rchr(in, '%') : -1;

	*ret_local = in;
	*ret_domain = (struct slice){ 0 };
	if (bang > 0 && (size_t)bang + 1 < in.n) {
		*ret_domain = slice_sub(in, 0, (size_t)bang);
		*ret_local = slice_skip(in, (size_t)bang + 1);
	} else if (percent > 0 && (size_t)percent + 1 < in.n) {
		*ret_local = slice_sub(in, 0, (size_t)percent);
		*ret_domain = slice_skip(in, (size_t)percent + 1);
	}
}

void address_rewrite(const struct address *a, struct slice in, struct buf *out)
{
	struct slice s = without_route(in), local = address_local(s);
	struct slice domain = without_final_dots(address_domain(s));

	if (s.n == 0 || slice_is(s, "@"))
		return;
	if (slice_rchr(s, '@') < 0)
		split_path(a, s, &local, &domain);
	buf_add(out, local);
	buf_addc(out, '@');
	if (domain.n == 0)
		domain = a->myorigin;
	buf_add(out, domain);
	if (a->p.append_dot_mydomain && domain.n > 0 && domain.p[0] != '[' &&
	    slice_chr(domain, '.') < 0) {
		buf_addc(out, '.');
		buf_add(out, a->mydomain);
	}
}
