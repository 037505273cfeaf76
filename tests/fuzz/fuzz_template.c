/* Any bounce_template_file: faults have lines of the file, headers stay one line, and each kind of
 * report has words. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "bounce/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_header(const char *value)
{
	for (; *value != '\0'; value++)
		check(*value >= ' ' && *value < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size), rest = text, line;
	struct conf *c = conf_new("/etc/x");
	struct report_texts texts;
	struct faults faults;
	struct arena arena;
	unsigned lines = 1;

	while (slice_line(&rest, &line))
		lines++;
	arena_init(&arena, 64UL << 20);
	faults_init(&faults, &arena);
	conf_parse(c, "main.cf", SLICE_LIT("myhostname = a.b\nmyorigin = c.d\n"), &faults);
	template_parse(c, "file", text, &arena, &texts, &faults);
	for (const struct fault *f = faults.first; f != NULL; f = f->next)
		check(f->line >= 1 && f->line <= lines && f->text[0] != '\0');
	for (size_t i = REPORT_FAILED; i < REPORT_KINDS; i++) {
		check_header(texts.of[i].from);
		check_header(texts.of[i].subject);
		check_header(texts.of[i].copy_subject);
		check_header(texts.of[i].charset);
		check(texts.of[i].words[0] != '\0' || slice_has_nul(text));
	}
	conf_free(&c);
	arena_done(&arena);
	return 0;
}
