/* In which order tables are asked for the parts of an address. (canonical(5), virtual(5),
 * transport(5)) */
/* SPDX-License-Identifier: ISC */
#include "lib/address/address_int.h"
#include "lib/mail/addr.h"

/* A lookup in progress; a small object so that the steps below read as the manual does. */
struct finder {
	const struct address_query *q;
	const struct table_list *tables;
	struct address_hit *out;
	struct err *err;
};

/* Tables of patterns see whole addresses only. */
static enum rc try_key(struct finder *f, struct slice key, bool is_part)
{
	for (size_t i = 0; i < f->tables->n; i++) {
		struct table *t = f->tables->v[i];
		enum rc rc;

		if (is_part && table_is_pattern(t))
			continue;
		rc = table_lookup(t, f->q->memo, key, &f->out->value, f->err);
		if (rc != RC_END)
			return rc;
	}
	return RC_END;
}

/* LOCAL@DOMAIN as outsiders write it, then, if that is not the same, as it is. Without a domain
 * for p == NULL. */
static enum rc try_address(struct finder *f, struct slice local, struct slice domain, bool is_part)
{
	struct buf plain, quoted;
	enum rc rc;

	buf_init(&plain, ADDRESS_MAX * 2);
	buf_init(&quoted, ADDRESS_MAX * 4);
	buf_add(&plain, local);
	if (domain.p != NULL) {
		buf_addc(&plain, '@');
		buf_add(&plain, domain);
	}
	addr_quote(buf_slice(&plain), &quoted);
	rc = try_key(f, slice_str(buf_cstr(&quoted)), is_part);
	if (rc == RC_END && !slice_eq(buf_slice(&plain), buf_slice(&quoted)))
		rc = try_key(f, buf_slice(&plain), is_part);
	buf_done(&plain);
	buf_done(&quoted);
	return rc;
}

static enum rc try_local_part(struct finder *f, struct slice local, struct slice domain,
			      struct slice base)
{
	struct slice none = { 0 };
	enum rc rc = RC_OK;

	if (domain.p != NULL && !slice_ieq(domain, f->q->conf->myorigin))
		rc = address_is_local(f->q, domain, f->err);
	if (rc)
		return rc;
	rc = try_address(f, local, none, true);
	if (rc == RC_END && base.n < local.n) {
		f->out->ext = slice_skip(local, base.n);
		rc = try_address(f, base, none, true);
	}
	return rc;
}

static enum rc try_at_domain(struct finder *f, struct slice domain)
{
	struct buf key;
	enum rc rc;

	f->out->ext = (struct slice){ 0 };
	buf_init(&key, ADDRESS_MAX * 2);
	buf_addc(&key, '@');
	buf_add(&key, domain);
	rc = try_key(f, buf_slice(&key), true);
	buf_done(&key);
	return rc;
}

static enum rc try_domains(struct finder *f, struct slice domain)
{
	enum rc rc = try_key(f, domain, true);

	f->out->ext = (struct slice){ 0 };
	while (rc == RC_END && domain.n > 0) {
		ptrdiff_t dot = slice_chr(slice_skip(domain, 1), '.');

		if (domain.p[0] == '[' || dot < 0)
			break;
		domain = slice_skip(domain, (size_t)dot + 1);
		rc = try_key(f, domain, true);
	}
	return rc == RC_END ? try_key(f, SLICE_LIT("*"), true) : rc;
}

enum rc address_find(const struct address_query *q, const struct table_list *tables,
		     struct slice address, unsigned keys, struct address_hit *out,
		     struct err *err)
{
	struct finder f = { q, tables, out, err };
	struct slice local = address_local(address), domain = address_domain(address), ext;
	struct slice base = address_split(q->conf, local, &ext);
	enum rc rc;

	*out = (struct address_hit){ 0 };
	if (tables->n == 0)
		return RC_END;
	rc = try_address(&f, local, domain, false);
	if (rc == RC_END && (keys & ADDRESS_KEY_NO_EXT) != 0 && ext.n > 0) {
		out->ext = ext;
		rc = try_address(&f, base, domain, true);
	}
	if (rc == RC_END && (keys & ADDRESS_KEY_LOCAL_PART) != 0) {
		out->ext = (struct slice){ 0 };
		rc = try_local_part(&f, local, domain, base);
	}
	if (rc == RC_END && (keys & ADDRESS_KEY_AT_DOMAIN) != 0 && domain.p != NULL)
		rc = try_at_domain(&f, domain);
	if (rc == RC_END && (keys & ADDRESS_KEY_DOMAIN) != 0 && domain.p != NULL)
		rc = try_domains(&f, domain);
	return rc;
}
