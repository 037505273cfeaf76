/* SPDX-License-Identifier: ISC */
#include "lib/smtp/param.h"

#include "lib/base/num.h"
#include "lib/smtp/cmdline.h"
#include "lib/smtp/xtext.h"

struct param {
	const char *name;	/* "SIZE=" takes a value, "SMTPUTF8" none */
	unsigned feature;	/* needed; 0: always known */
	enum smtp_param_fault (*parse)(struct slice value, unsigned features, void *out);
};

/* DST is the last member of its kind to be set; empty when the value does not fit. */
static enum rc decode_into(struct slice value, bool allow_8bit, char *dst, size_t size)
{
	struct buf b;
	enum rc rc;

	buf_init(&b, size - 1);
	rc = smtp_xtext_decode(value, allow_8bit, &b);
	if (rc == RC_OK && (buf_is_over(&b) || !slice_to_cstr(buf_slice(&b), dst, size)))
		rc = RC_LIMIT;
	buf_done(&b);
	return rc;
}

static enum smtp_param_fault parse_size(struct slice value, unsigned features, void *out)
{
	struct smtp_mail_params *m = out;
	uint64_t size;

	(void)features;
	switch (num_u64(value, INT64_MAX, &size)) {
	case RC_OK:
		m->size_bytes = (int64_t)size;
		return SMTP_PARAM_OK;
	case RC_LIMIT:
		return SMTP_PARAM_HUGE_SIZE;
	default:
		return SMTP_PARAM_BAD_SIZE;
	}
}

static enum smtp_param_fault parse_body(struct slice value, unsigned features, void *out)
{
	struct smtp_mail_params *m = out;

	(void)features;
	if (slice_iis(value, "8BITMIME"))
		m->encoding = 8;
	else if (slice_iis(value, "7BIT"))
		m->encoding = 7;
	else
		return SMTP_PARAM_UNSUPPORTED;
	return SMTP_PARAM_OK;
}

static enum smtp_param_fault parse_smtputf8(struct slice value, unsigned features, void *out)
{
	struct smtp_mail_params *m = out;

	(void)value;
	(void)features;
	m->smtputf8 = true;
	return SMTP_PARAM_OK;
}

static enum smtp_param_fault parse_ret(struct slice value, unsigned features, void *out)
{
	struct smtp_mail_params *m = out;

	(void)features;
	if (m->ret != 0)
		return SMTP_PARAM_BAD_RET;
	if (slice_iis(value, "FULL"))
		m->ret = 1;
	else if (slice_iis(value, "HDRS"))
		m->ret = 2;
	return m->ret != 0 ? SMTP_PARAM_OK : SMTP_PARAM_BAD_RET;
}

static enum smtp_param_fault parse_envid(struct slice value, unsigned features, void *out)
{
	struct smtp_mail_params *m = out;

	(void)features;
	if (m->envid[0] != '\0' || value.n == 0 ||
	    decode_into(value, false, m->envid, sizeof(m->envid)) != RC_OK)
		return SMTP_PARAM_BAD_ENVID;
	return SMTP_PARAM_OK;
}

static enum smtp_param_fault parse_auth(struct slice value, unsigned features, void *out)
{
	struct smtp_mail_params *m = out;

	(void)features;
	if (m->has_auth || value.n == 0)
		return SMTP_PARAM_BAD_AUTH;
	m->has_auth = true;
	if (slice_is(value, "<>"))
		return SMTP_PARAM_OK;
	return decode_into(value, false, m->auth, sizeof(m->auth)) == RC_OK ? SMTP_PARAM_OK
									    : SMTP_PARAM_BAD_AUTH;
}

static enum smtp_param_fault parse_notify(struct slice value, unsigned features, void *out)
{
	static const struct { const char *name; uint8_t bit; } words[] = {
		{ "NEVER", SMTP_NOTIFY_NEVER },
		{ "SUCCESS", SMTP_NOTIFY_SUCCESS },
		{ "FAILURE", SMTP_NOTIFY_FAILURE },
		{ "DELAY", SMTP_NOTIFY_DELAY },
	};
	struct smtp_rcpt_params *r = out;
	struct slice word;
	uint8_t bits = 0;

	(void)features;
	if (r->notify != 0 || value.n == 0)
		return SMTP_PARAM_BAD_NOTIFY;
	while (slice_split(&value, ',', &word)) {
		size_t i = 0;

		while (i < 4 && !slice_iis(word, words[i].name))
			i++;
		if (i == 4)
			return SMTP_PARAM_BAD_NOTIFY;
		bits |= words[i].bit;
	}
	if ((bits & SMTP_NOTIFY_NEVER) != 0 && bits != SMTP_NOTIFY_NEVER)
		return SMTP_PARAM_BAD_NOTIFY;
	r->notify = bits;
	return SMTP_PARAM_OK;
}

static bool is_type_char(char c)
{
	return char_is_alnum(c) || c == '-';
}

static enum smtp_param_fault parse_orcpt(struct slice value, unsigned features, void *out)
{
	struct smtp_rcpt_params *r = out;
	struct slice rest = value, type = slice_take_while(&rest, is_type_char);
	bool utf8 = slice_iis(type, "utf-8") && (features & SMTP_SMTPUTF8) != 0;

	if (r->orcpt[0] != '\0' || type.n == 0 || type.n > 30 || rest.n < 2 || rest.p[0] != ';')
		return SMTP_PARAM_BAD_ORCPT;
	memcpy(r->orcpt, type.p, type.n);
	r->orcpt[type.n] = ';';
	if (decode_into(slice_skip(rest, 1), utf8, r->orcpt + type.n + 1,
			sizeof(r->orcpt) - type.n - 1) != RC_OK)
		return SMTP_PARAM_BAD_ORCPT;
	return SMTP_PARAM_OK;
}

static const struct param mail_params[] = {
	{ "SIZE=", 0, parse_size },
	{ "BODY=", 0, parse_body },
	{ "SMTPUTF8", SMTP_SMTPUTF8, parse_smtputf8 },
	{ "RET=", SMTP_DSN, parse_ret },
	{ "ENVID=", SMTP_DSN, parse_envid },
	{ "AUTH=", 0, parse_auth },
	{ NULL, 0, NULL },
};

static const struct param rcpt_params[] = {
	{ "NOTIFY=", SMTP_DSN, parse_notify },
	{ "ORCPT=", SMTP_DSN, parse_orcpt },
	{ NULL, 0, NULL },
};

static const struct param *find_param(const struct param *p, struct slice word, unsigned features)
{
	for (; p->name != NULL; p++) {
		struct slice name = slice_str(p->name);
		bool takes_value = name.p[name.n - 1] == '=';

		if ((p->feature & ~features) == 0 && slice_istarts(word, name) &&
		    (takes_value || word.n == name.n))
			return p;
	}
	return NULL;
}

static enum smtp_param_fault parse_all(const struct param *known, struct slice args,
				       unsigned features, void *out, struct slice *ret_bad)
{
	struct slice word;

	while (smtp_cmdline_word(&args, &word) != RC_END) {
		const struct param *p = find_param(known, word, features);
		enum smtp_param_fault fault = SMTP_PARAM_UNSUPPORTED;

		if (p != NULL)
			fault = p->parse(slice_skip(word, strlen(p->name)), features, out);
		if (fault != SMTP_PARAM_OK) {
			*ret_bad = word;
			return fault;
		}
	}
	return SMTP_PARAM_OK;
}

enum smtp_param_fault smtp_mail_params_parse(struct slice args, unsigned features,
					     struct smtp_mail_params *out, struct slice *ret_bad)
{
	*out = (struct smtp_mail_params){ 0 };
	return parse_all(mail_params, args, features, out, ret_bad);
}

enum smtp_param_fault smtp_rcpt_params_parse(struct slice args, unsigned features,
					     struct smtp_rcpt_params *out, struct slice *ret_bad)
{
	*out = (struct smtp_rcpt_params){ 0 };
	return parse_all(rcpt_params, args, features, out, ret_bad);
}
