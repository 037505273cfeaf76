/* SPDX-License-Identifier: ISC */
#include "tests/lib/transcript.h"

#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"

enum { MAX_STEPS = 2000, MAX_CONF = 64, MAX_BYTES = 64 << 20 };

enum kind { K_SEND, K_OUT, K_SIDE, K_TICK, K_EVENT, K_WAIT, K_EOF, K_CLOSED };
enum match { M_PREFIX, M_REGEX, M_EXACT };
enum mode { AS_WRITTEN, BY_BYTE, AT_ONCE, N_MODES };

static const char *const mode_names[N_MODES] = {
	[AS_WRITTEN] = "as written",
	[BY_BYTE] = "byte by byte",
	[AT_ONCE] = "all at once",
};

struct step {
	enum kind kind;
	enum match match;
	unsigned line;
	struct slice text;	/* what is expected, or the event */
	char *bytes;		/* K_SEND: owned */
	size_t n;
	int64_t ms;
};

struct script {
	const char *name;
	struct buf *report;
	struct transcript_conf conf[MAX_CONF];
	size_t n_conf;
	struct step steps[MAX_STEPS];
	size_t n_steps;
	bool has_side;
};

struct run {
	const struct transcript_ops *ops;
	void *session;
	struct buf out, side;
	size_t out_seen, side_seen;	/* bytes already compared */
	enum mode mode;
};

static bool complain(struct script *s, unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool complain(struct script *s, unsigned line, const char *fmt, ...)
{
	va_list ap;

	buf_addf(s->report, "%s:%u: ", s->name, line);
	va_start(ap, fmt);
	buf_addv(s->report, fmt, ap);
	va_end(ap);
	buf_addc(s->report, '\n');
	return false;
}

/* \<N*text> with TEXT after the '<'. */
static bool add_repeated(struct slice *text, struct buf *out)
{
	ptrdiff_t star = slice_chr(*text, '*'), end = slice_chr(*text, '>');
	uint64_t count;

	if (star < 0 || end < star || num_u64(slice_sub(*text, 0, (size_t)star), MAX_BYTES, &count))
		return false;
	while (count-- > 0)
		buf_add(out, slice_sub(*text, (size_t)star + 1, (size_t)(end - star - 1)));
	*text = slice_skip(*text, (size_t)end + 1);
	return true;
}

static bool add_escape(struct slice *text, struct buf *out)
{
	char c = text->p[0];
	int hi, lo;

	*text = slice_skip(*text, 1);
	switch (c) {
	case 'r':
		buf_addc(out, '\r');
		return true;
	case 'n':
		buf_addc(out, '\n');
		return true;
	case 't':
		buf_addc(out, '\t');
		return true;
	case '\\':
		buf_addc(out, '\\');
		return true;
	case '<':
		return add_repeated(text, out);
	case 'x':
		if (text->n < 2 || (hi = char_hex(text->p[0])) < 0 ||
		    (lo = char_hex(text->p[1])) < 0)
			return false;
		buf_addc(out, (char)(hi * 16 + lo));
		*text = slice_skip(*text, 2);
		return true;
	default:
		return false;
	}
}

static bool unescape(struct slice text, struct buf *out)
{
	while (text.n > 0) {
		char c = text.p[0];

		text = slice_skip(text, 1);
		if (c != '\\')
			buf_addc(out, c);
		else if (text.n == 0 || !add_escape(&text, out))
			return false;
	}
	return true;
}

static bool parse_send(struct script *s, struct step *st, struct slice text, bool raw)
{
	struct buf b;

	buf_init(&b, MAX_BYTES);
	if (!raw) {
		buf_add(&b, text);
		buf_adds(&b, "\r\n");
	} else if (!unescape(text, &b)) {
		buf_done(&b);
		return complain(s, st->line, "bad escape");
	}
	st->kind = K_SEND;
	st->n = buf_len(&b);
	st->bytes = buf_take(&b);
	return true;
}

static void parse_expect(struct step *st, enum kind kind, struct slice text, bool exact)
{
	st->kind = kind;
	st->text = text;
	st->match = exact ? M_EXACT : M_PREFIX;
	if (!exact && text.n >= 2 && text.p[0] == '/' && text.p[text.n - 1] == '/') {
		st->match = M_REGEX;
		st->text = slice_sub(text, 1, text.n - 2);
	}
}

static bool parse_tick(struct script *s, struct step *st, struct slice text)
{
	static const struct { const char *unit; int64_t ms; } units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
	};
	struct slice digits = slice_take_while(&text, char_is_digit);
	uint64_t n;

	st->kind = K_TICK;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (slice_is(text, units[i].unit) && num_u64(digits, 1000000, &n) == RC_OK) {
			st->ms = (int64_t)n * units[i].ms;
			return true;
		}
	return complain(s, st->line, "tick wants a number and ms, s, m or h");
}

static bool parse_conf(struct script *s, unsigned line, struct slice text)
{
	ptrdiff_t eq = slice_chr(text, '=');

	if (eq < 0 || s->n_steps > 0 || s->n_conf == MAX_CONF)
		return complain(s, line, "conf NAME = VALUE stands before all steps");
	s->conf[s->n_conf++] = (struct transcript_conf){
		.name = slice_trim(slice_sub(text, 0, (size_t)eq)),
		.value = slice_trim(slice_skip(text, (size_t)eq + 1)),
	};
	return true;
}

/* The rest of LINE after WORD and one blank; false unless it starts so. */
static bool after(struct slice line, const char *word, struct slice *ret)
{
	size_t n = strlen(word);

	if (!slice_starts(line, slice_str(word)) || (line.n > n && line.p[n] != ' '))
		return false;
	*ret = slice_skip(line, n + (line.n > n));
	return true;
}

static bool parse_step(struct script *s, struct step *st, struct slice line)
{
	struct slice text;

	if (after(line, "C:", &text) || after(line, "C~", &text))
		return parse_send(s, st, text, line.p[1] == '~');
	if (after(line, "S:", &text) || after(line, "S=", &text))
		return parse_expect(st, K_OUT, text, line.p[1] == '='), true;
	if (after(line, "E:", &text) || after(line, "E=", &text)) {
		s->has_side = true;
		return parse_expect(st, K_SIDE, text, line.p[1] == '='), true;
	}
	if (after(line, "tick", &text))
		return parse_tick(s, st, text);
	if (after(line, "event", &st->text))
		return st->kind = K_EVENT, true;
	if (slice_is(line, "wait"))
		return st->kind = K_WAIT, true;
	if (slice_is(line, "eof"))
		return st->kind = K_EOF, true;
	if (slice_is(line, "closed"))
		return st->kind = K_CLOSED, true;
	return complain(s, st->line, "unknown line: %.*s", SLICE_ARG(line));
}

static bool parse_script(struct script *s, struct slice text)
{
	struct slice line, rest;
	bool ok = true;

	for (unsigned n = 1; slice_line(&text, &line); n++) {
		struct step *st = &s->steps[s->n_steps];

		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (after(line, "conf", &rest)) {
			ok = parse_conf(s, n, rest) && ok;
			continue;
		}
		if (s->n_steps == MAX_STEPS)
			return complain(s, n, "too many lines");
		st->line = n;
		ok = parse_step(s, st, line) && ok;
		s->n_steps++;
	}
	return s->n_steps > 0 ? ok : complain(s, 1, "no steps");
}

static bool line_matches(const struct step *st, struct slice line)
{
	char *pattern, *subject;
	regex_t re;
	bool ok = false;

	if (st->match == M_EXACT)
		return slice_eq(line, st->text);
	if (st->match == M_PREFIX)
		return slice_starts(line, st->text);
	pattern = mem_dup(st->text.p, st->text.n);
	subject = mem_dup(line.p, line.n);
	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) == 0) {
		ok = regexec(&re, subject, 0, NULL, 0) == 0;
		regfree(&re);
	}
	free(pattern);
	free(subject);
	return ok;
}

/* Compare the next line of B, from *SEEN, with what ST expects. */
static bool expect(struct script *s, const struct step *st, const struct buf *b, size_t *seen)
{
	struct slice all = slice_skip(buf_slice(b), *seen);
	ptrdiff_t lf = slice_chr(all, '\n');
	struct slice line;

	if (lf < 0)
		return complain(s, st->line, "wanted \"%.*s\", got %s%.*s", SLICE_ARG(st->text),
				all.n > 0 ? "an unfinished line: " : "nothing", SLICE_ARG(all));
	line = slice_sub(all, 0, (size_t)lf);
	*seen += (size_t)lf + 1;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (!line_matches(st, line))
		return complain(s, st->line, "wanted \"%.*s\", got \"%.*s\"", SLICE_ARG(st->text),
				SLICE_ARG(line));
	return true;
}

static bool nothing_left(struct script *s, const struct run *r, unsigned line)
{
	struct slice out = slice_skip(buf_slice(&r->out), r->out_seen);
	struct slice side = slice_skip(buf_slice(&r->side), r->side_seen);

	if (out.n > 0)
		return complain(s, line, "unexpected output: %.*s", SLICE_ARG(out));
	if (s->has_side && side.n > 0)
		return complain(s, line, "unexpected on the side channel: %.*s", SLICE_ARG(side));
	return true;
}

static void send_bytes(struct run *r, struct slice bytes)
{
	struct transcript_io io = { &r->out, &r->side };

	if (r->mode != BY_BYTE) {
		r->ops->input(r->session, bytes, &io);
		return;
	}
	for (size_t i = 0; i < bytes.n; i++) {
		char *one = mem_dup(bytes.p + i, 1);	/* so that ASan sees reads beyond it */

		r->ops->input(r->session, slice_make(one, 1), &io);
		free(one);
	}
}

/* Send step I and those that are joined to it; returns the last step sent. */
static size_t send_from(struct script *s, struct run *r, size_t i)
{
	struct buf all;
	size_t last = i;

	buf_init(&all, MAX_BYTES);
	for (; i < s->n_steps; i++) {
		enum kind kind = s->steps[i].kind;

		if (kind == K_SEND) {
			buf_add(&all, slice_make(s->steps[i].bytes, s->steps[i].n));
			last = i;
		} else if (r->mode != AT_ONCE || (kind != K_OUT && kind != K_SIDE)) {
			break;
		}
	}
	send_bytes(r, buf_slice(&all));
	buf_done(&all);
	return last;
}

static bool do_step(struct script *s, struct run *r, const struct step *st)
{
	struct transcript_io io = { &r->out, &r->side };

	switch (st->kind) {
	case K_OUT:
		return r->mode == AT_ONCE || expect(s, st, &r->out, &r->out_seen);
	case K_SIDE:
		return r->mode == AT_ONCE || expect(s, st, &r->side, &r->side_seen);
	case K_TICK:
		r->ops->tick(r->session, st->ms, &io);
		return true;
	case K_EVENT:
		if (r->ops->event == NULL || !r->ops->event(r->session, st->text, &io))
			return complain(s, st->line, "unknown event");
		return true;
	case K_EOF:
		r->ops->eof(r->session, &io);
		return true;
	case K_CLOSED:
		return r->ops->is_closed(r->session) ||
		       complain(s, st->line, "the server has not closed");
	case K_SEND:
	case K_WAIT:
		break;
	}
	return true;
}

static bool run_steps(struct script *s, struct run *r)
{
	unsigned last_line = s->steps[s->n_steps - 1].line;

	for (size_t i = 0; i < s->n_steps; i++) {
		const struct step *st = &s->steps[i];
		bool answered = i > 0 && (s->steps[i - 1].kind == K_OUT ||
					  s->steps[i - 1].kind == K_SIDE);

		if (st->kind != K_SEND) {
			if (!do_step(s, r, st))
				return false;
			continue;
		}
		if (r->mode != AT_ONCE && answered && !nothing_left(s, r, st->line))
			return false;
		i = send_from(s, r, i);
	}
	return r->mode == AT_ONCE || nothing_left(s, r, last_line);
}

static bool run_mode(struct script *s, struct run *r)
{
	struct transcript_io io = { &r->out, &r->side };
	bool ok;

	buf_init(&r->out, MAX_BYTES);
	buf_init(&r->side, MAX_BYTES);
	r->session = r->ops->open(s->conf, s->n_conf, &io);
	if (r->session == NULL)
		return complain(s, 1, "the session does not open: bad configuration");
	ok = run_steps(s, r);
	r->ops->close(r->session);
	if (!ok)
		complain(s, 1, "(while running %s)", mode_names[r->mode]);
	return ok;
}

static bool same(struct script *s, const struct run *a, const struct run *b)
{
	if (!slice_eq(buf_slice(&a->out), buf_slice(&b->out)))
		return complain(s, 1, "output differs, %s:\n%.*s--- %s:\n%.*s---",
				mode_names[a->mode], SLICE_ARG(buf_slice(&a->out)),
				mode_names[b->mode], SLICE_ARG(buf_slice(&b->out)));
	if (s->has_side && !slice_eq(buf_slice(&a->side), buf_slice(&b->side)))
		return complain(s, 1, "side channel differs, %s:\n%.*s--- %s:\n%.*s---",
				mode_names[a->mode], SLICE_ARG(buf_slice(&a->side)),
				mode_names[b->mode], SLICE_ARG(buf_slice(&b->side)));
	return true;
}

bool transcript_run(const char *name, struct slice text, const struct transcript_ops *ops,
		    struct buf *report)
{
	struct script *s = mem_new(1, sizeof(*s));
	struct run runs[N_MODES] = { 0 };
	bool ok;

	s->name = name;
	s->report = report;
	ok = parse_script(s, text);
	for (int mode = 0; ok && mode < N_MODES; mode++) {
		runs[mode].mode = (enum mode)mode;
		runs[mode].ops = ops;
		ok = run_mode(s, &runs[mode]) && (mode == 0 || same(s, &runs[0], &runs[mode]));
	}
	for (int mode = 0; mode < N_MODES; mode++) {
		buf_done(&runs[mode].out);
		buf_done(&runs[mode].side);
	}
	for (size_t i = 0; i < s->n_steps; i++)
		free(s->steps[i].bytes);
	free(s);
	return ok;
}

static bool run_file(const char *path, const struct transcript_ops *ops)
{
	FILE *f = fopen(path, "rb");
	const char *name = strrchr(path, '/');
	char chunk[4096];
	struct buf text, report;
	size_t n;
	bool ok;

	if (f == NULL) {
		perror(path);
		return false;
	}
	buf_init(&text, MAX_BYTES);
	buf_init(&report, MAX_BYTES);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&text, slice_make(chunk, n));
	fclose(f);
	ok = transcript_run(name != NULL ? name + 1 : path, buf_slice(&text), ops, &report);
	if (!ok)
		fputs(buf_cstr(&report), stdout);
	buf_done(&text);
	buf_done(&report);
	return ok;
}

static int is_transcript(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 2 && e->d_name[0] != '.' && strcmp(e->d_name + n - 2, ".t") == 0;
}

static void run_folder(const char *path, const struct transcript_ops *ops, int *passed,
		       int *failed)
{
	struct dirent **list;
	int n = scandir(path, &list, is_transcript, alphasort);

	for (int i = 0; i < n; i++) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", path, list[i]->d_name);
		++*(run_file(file, ops) ? passed : failed);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	else
		perror(path);
}

int transcript_main(const char *proto, const struct transcript_ops *ops, int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	int passed = 0, failed = 0;
	char path[2048];

	for (int i = 1; i < argc; i++)
		++*(run_file(argv[i], ops) ? &passed : &failed);
	snprintf(path, sizeof(path), "%s/tests/transcripts/%s", srcdir != NULL ? srcdir : ".", proto);
	if (argc <= 1)
		run_folder(path, ops, &passed, &failed);
	printf("%s: %d transcripts passed, %d failed\n", proto, passed, failed);
	return failed == 0 && passed > 0 ? 0 : 1;
}
