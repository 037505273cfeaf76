/* SPDX-License-Identifier: ISC */
#include "local/macros.h"

#include "lib/conf/macro.h"

static struct slice user_part(const struct delivery_names *n, size_t offset)
{
	const char *base = (const char *)n->user;

	return base != NULL ? *(const struct slice *)(const void *)(base + offset)
			    : (struct slice){ 0 };
}

static bool find(const struct delivery_names *n, struct slice name, struct slice *ret)
{
	const struct { const char *name; struct slice value; } known[] = {
		{ "user", user_part(n, offsetof(struct user_info, name)) },
		{ "home", user_part(n, offsetof(struct user_info, home)) },
		{ "shell", user_part(n, offsetof(struct user_info, shell)) },
		{ "recipient", n->recipient }, { "original_recipient", n->original },
		{ "extension", n->extension }, { "domain", n->domain }, { "local", n->local },
		{ "mailbox", n->local }, { "recipient_delimiter", n->delimiter },
		{ "sender", n->sender }, { "client_address", n->client_address },
		{ "client_helo", n->client_helo }, { "client_hostname", n->client_hostname },
		{ "client_protocol", n->client_protocol }, { "sasl_method", n->sasl_method },
		{ "sasl_sender", n->sasl_sender }, { "sasl_username", n->sasl_username },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (slice_is(name, known[i].name)) {
			*ret = known[i].value;
			return known[i].value.n > 0;
		}
	}
	return false;
}

static bool look_up(void *ctx, struct slice name, struct slice *ret)
{
	return find(ctx, name, ret);
}

static bool is_name_char(char c)
{
	return char_is_alnum(c) || c == '_';
}

/* Behind the bracket that closes the one at S.p[0]. */
static struct slice skip_brackets(struct slice s)
{
	size_t depth = 0, i = 0;

	for (; i < s.n; i++) {
		if (s.p[i] == '{' || s.p[i] == '(')
			depth++;
		else if ((s.p[i] == '}' || s.p[i] == ')') && --depth == 0)
			break;
	}
	return slice_skip(s, i + 1);
}

/* Does TEXT simply refer to a name that has no value? What is behind a condition does not count:
 * that is what conditions are for. */
static bool is_missing(const struct delivery_names *n, struct slice text)
{
	while (text.n > 0) {
		struct slice name, rest, value;
		ptrdiff_t dollar = slice_chr(text, '$');

		if (dollar < 0)
			return false;
		text = slice_skip(text, (size_t)dollar + 1);
		if (text.n > 0 && text.p[0] == '$') {
			text = slice_skip(text, 1);
			continue;
		}
		rest = text;
		if (rest.n > 0 && (rest.p[0] == '{' || rest.p[0] == '('))
			rest = slice_skip(rest, 1);
		name = slice_take_while(&rest, is_name_char);
		if (text.n > 0 && is_name_char(text.p[0])) {
			text = rest;
		} else {
			text = skip_brackets(text);
			if (rest.n > 0 && rest.p[0] != '}' && rest.p[0] != ')')
				continue;
		}
		if (!find(n, name, &value))
			return true;
	}
	return false;
}

enum rc macros_expand(const struct delivery_names *n, const char *text, const char *filter,
		      struct buf *out, struct err *err)
{
	struct macro_source src = { .lookup = look_up, .ctx = (void *)(uintptr_t)n,
				    .filter = filter };
	enum rc rc = macro_expand(&src, slice_str(text), out, err);

	return rc == RC_OK && is_missing(n, slice_str(text)) ? RC_END : rc;
}

static void put(struct buf *out, const char *name, struct slice value, const char *filter)
{
	if (value.p == NULL || slice_has_nul(value))
		return;
	buf_addf(out, "%s=", name);
	for (size_t i = 0; i < value.n; i++)
		buf_addc(out, filter == NULL || strchr(filter, value.p[i]) != NULL ? value.p[i]
										   : '_');
	buf_addc(out, '\0');
}

static void put_known(struct buf *out, const char *name, struct slice value, const char *filter)
{
	if (value.n > 0)
		put(out, name, value, filter);
}

void macros_environment(const struct config *c, const struct delivery_names *n, struct buf *out)
{
	const char *filter = c->p.command_expansion_filter;

	for (size_t i = 0; i < c->n_command_environment; i++) {
		buf_adds(out, c->command_environment[i]);
		buf_addc(out, '\0');
	}
	put(out, "LOGNAME", n->name, filter);
	put(out, "USER", n->name, filter);
	if (n->user != NULL) {
		put(out, "HOME", n->user->home, NULL);
		put(out, "SHELL", n->user->shell.n > 0 ? n->user->shell : SLICE_LIT("/bin/sh"),
		    NULL);
	}
	put(out, "LOCAL", n->local, filter);
	put(out, "DOMAIN", n->domain, filter);
	put(out, "EXTENSION", n->extension, filter);
	put(out, "RECIPIENT", n->recipient, filter);
	put(out, "ORIGINAL_RECIPIENT", n->original, filter);
	put(out, "SENDER", n->sender, filter);
	put_known(out, "ENVID", n->envid, filter);
	put_known(out, "CLIENT_ADDRESS", n->client_address, filter);
	put_known(out, "CLIENT_HELO", n->client_helo, filter);
	put_known(out, "CLIENT_HOSTNAME", n->client_hostname, filter);
	put_known(out, "CLIENT_PROTOCOL", n->client_protocol, filter);
	put_known(out, "SASL_METHOD", n->sasl_method, filter);
	put_known(out, "SASL_SENDER", n->sasl_sender, filter);
	put_known(out, "SASL_USERNAME", n->sasl_username, filter);
}
