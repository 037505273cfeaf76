/* tests/fuzz/fuzz_smtp_path.c - paths, parameters and xtext.
 *
 * Properties: an address taken has no control byte and is no longer than its path; the domain
 * behind its last '@' is valid; printing it quoted and parsing that gives it back; parameters
 * never hold control bytes. */
/* SPDX-License-Identifier: ISC */
#include <assert.h>

#include "lib/smtp/cmdline.h"
#include "lib/smtp/param.h"
#include "lib/smtp/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void no_control(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		assert(!char_is_cntrl(s.p[i]));
}

/* The address with everything quoted that can be. */
static void print_quoted(struct slice address, bool has_domain, struct buf *out)
{
	ptrdiff_t at = has_domain ? slice_rchr(address, '@') : (ptrdiff_t)address.n;

	buf_adds(out, "<\"");
	for (ptrdiff_t i = 0; i < at; i++) {
		if (address.p[i] == '"' || address.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, address.p[i]);
	}
	buf_adds(out, "\"");
	buf_add(out, slice_skip(address, (size_t)at));
	buf_adds(out, ">");
}

static void check_path(struct slice word)
{
	struct smtp_path p, p2;
	struct buf b, quoted, again;

	buf_init(&b, 4000);
	buf_init(&quoted, 8000);
	buf_init(&again, 4000);
	if (smtp_path_parse(word, &b, &p) == RC_OK && !p.is_empty) {
		struct slice a = buf_slice(&b);

		no_control(a);
		assert(a.n > 0 && a.n <= word.n && a.n <= SMTP_ADDRESS_MAX);
		if (p.has_domain)
			assert(smtp_domain_is_valid(slice_skip(a, (size_t)slice_rchr(a, '@') + 1)));
		print_quoted(a, p.has_domain, &quoted);
		assert(smtp_path_parse(buf_slice(&quoted), &again, &p2) == RC_OK);
		assert(slice_eq(buf_slice(&again), a));
	}
	buf_done(&b);
	buf_done(&quoted);
	buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make(data, size), word, bad;
	struct smtp_mail_params m;
	struct smtp_rcpt_params r;
	struct smtp_cmdline line;

	if (smtp_cmdline_parse(rest, &line) == RC_OK) {
		assert(line.verb.p >= rest.p && line.verb.p + line.verb.n <= rest.p + rest.n);
		assert(line.arg.n == 0 ||
		       (line.arg.p >= rest.p && line.arg.p + line.arg.n <= rest.p + rest.n));
	}
	if (smtp_cmdline_word(&rest, &word) == RC_OK)
		check_path(word);
	if (smtp_mail_params_parse(rest, ~0u, &m, &bad) == SMTP_PARAM_OK) {
		no_control(slice_str(m.envid));
		no_control(slice_str(m.auth));
		assert(m.size_bytes >= 0);
	}
	if (smtp_rcpt_params_parse(rest, ~0u, &r, &bad) == SMTP_PARAM_OK)
		no_control(slice_str(r.orcpt));
	return 0;
}
