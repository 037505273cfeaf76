/* lib/conf/masterfile.c - cutting master.cf into items, and printing entries in columns. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/masterfile.h"

#include "lib/conf/logical.h"

static const unsigned columns[MASTERLINE_FIELDS] = { 0, 11, 17, 25, 33, 41, 49, 57 };

static bool is_ignored(struct slice line)
{
	line = slice_trim_space(line);
	return line.n == 0 || line.p[0] == '#';
}

/* Cut the next item off *TEXT: an entry takes its continuation lines, and the comments between
 * them. *RET_LINES is how many lines it has. */
static struct slice cut_item(struct slice *text, bool *ret_is_entry, unsigned *ret_lines)
{
	struct slice start = *text, line, end;
	unsigned pending = 0;

	slice_line(text, &line);
	*ret_lines = 1;
	*ret_is_entry = !is_ignored(line);
	end = *text;
	while (*ret_is_entry && slice_line(text, &line)) {
		pending++;
		if (is_ignored(line))
			continue;
		if (!char_is_space(line.p[0]))
			break;
		end = *text;
		*ret_lines += pending;
		pending = 0;
	}
	*text = end;
	return slice_sub(start, 0, start.n - end.n);
}

static struct masterfile_item *add_item(struct masterfile *f, struct slice raw, bool is_entry)
{
	struct masterfile_item *item = ARENA_NEW(f->arena, struct masterfile_item);

	if (item == NULL)
		return NULL;
	item->raw = raw;
	item->is_entry = is_entry;
	*f->tail = item;
	f->tail = &item->next;
	return item;
}

static void parse_entry(struct masterfile_item *item, const char *file, struct arena *arena,
			struct faults *faults)
{
	struct logical l;
	struct err err = { 0 };

	logical_init(&l, item->raw);
	if (!logical_next(&l) || l.has_nul || l.starts_blank ||
	    masterline_parse(buf_slice(&l.text), arena, &item->entry, &err) != RC_OK) {
		item->is_entry = false;
		faults_add(faults, true, file, item->line,
			   "a line has: service type private unpriv chroot wakeup maxproc command",
			   "%s", err.text[0] != '\0' ? err.text : "not an entry");
	}
	logical_done(&l);
}

void masterfile_parse(const char *file, struct slice text, struct arena *arena,
		      struct masterfile *out, struct faults *faults)
{
	unsigned line = 1, lines;
	bool is_entry;

	*out = (struct masterfile){ .arena = arena };
	out->tail = &out->first;
	while (text.n > 0) {
		struct slice raw = cut_item(&text, &is_entry, &lines);
		struct masterfile_item *item = add_item(out, raw, is_entry);

		if (item == NULL) {
			faults_add(faults, true, file, line, "make it smaller",
				   "the file is too large");
			return;
		}
		item->line = line;
		if (is_entry)
			parse_entry(item, file, arena, faults);
		line += lines;
	}
}

bool masterfile_add(struct masterfile *f, const struct masterline *entry)
{
	struct masterfile_item *item = add_item(f, (struct slice){ NULL, 0 }, true);

	if (item == NULL)
		return false;
	item->entry = *entry;
	item->state = MASTERFILE_CHANGED;
	return true;
}

/* Comments inside an entry stay when the entry goes, or gets another form. */
static void print_comments(struct slice raw, struct buf *out)
{
	struct slice line;

	while (slice_line(&raw, &line)) {
		if (!is_ignored(line))
			continue;
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

static void print_commented(struct slice raw, struct buf *out)
{
	struct slice line;

	while (slice_line(&raw, &line)) {
		if (!is_ignored(line))
			buf_addc(out, '#');
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

void masterfile_print(const struct masterfile *f, struct buf *out)
{
	for (const struct masterfile_item *item = f->first; item != NULL; item = item->next) {
		struct slice sofar = buf_slice(out);

		if (sofar.n > 0 && sofar.p[sofar.n - 1] != '\n')
			buf_addc(out, '\n');
		switch (item->state) {
		case MASTERFILE_KEPT:
			buf_add(out, item->raw);
			break;
		case MASTERFILE_CHANGED:
			print_comments(item->raw, out);
			masterline_format(&item->entry, true, out);
			buf_addc(out, '\n');
			break;
		case MASTERFILE_COMMENTED:
			print_commented(item->raw, out);
			break;
		case MASTERFILE_REMOVED:
			print_comments(item->raw, out);
			break;
		}
	}
}

static bool has_space(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (char_is_space(s.p[i]))
			return true;
	return false;
}

/* Without them the content of a {group} would be several words, none, or something else. */
static bool needs_braces(struct slice s, bool is_setting)
{
	if (s.n == 0 || has_space(s) || s.p[0] == '{')
		return true;
	return !is_setting && s.p[0] == '-';
}

/* Between braces of ours, others must match: else a word is written as it is. */
static bool is_balanced(struct slice s)
{
	unsigned level = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '{')
			level++;
		else if (s.p[i] == '}' && level-- == 0)
			return false;
	}
	return level == 0;
}

/* A word as it is written back: groups without outer blanks; -o values as name=value. */
static void add_word(const char *word, bool is_setting, struct buf *out)
{
	struct slice s = slice_str(word);
	bool is_group = s.n >= 2 && s.p[0] == '{' && s.p[s.n - 1] == '}', is_braced;
	struct buf setting;
	ptrdiff_t eq;

	if (is_group)
		s = slice_trim_space(slice_sub(s, 1, s.n - 2));
	buf_init(&setting, LOGICAL_MAX);
	eq = is_setting ? slice_chr(s, '=') : -1;
	if (eq >= 0) {
		buf_add(&setting, slice_trim_space(slice_sub(s, 0, (size_t)eq)));
		buf_addc(&setting, '=');
		buf_add(&setting, slice_trim_space(slice_skip(s, (size_t)eq + 1)));
		s = buf_slice(&setting);
	}
	is_braced = is_group ? needs_braces(s, is_setting) : has_space(s) && is_balanced(s);
	if (is_braced)
		buf_addc(out, '{');
	buf_add(out, s);
	if (is_braced)
		buf_addc(out, '}');
	buf_done(&setting);
}

/* Where the current line of OUT is. */
struct column {
	struct buf *out;
	size_t line_start;
};

static size_t width(const struct column *c)
{
	return buf_len(c->out) - c->line_start;
}

static void break_line(struct column *c)
{
	buf_addc(c->out, '\n');
	c->line_start = buf_len(c->out);
	buf_addf(c->out, "%*s", MASTERLINE_INDENT, "");
}

static void format_fields(const struct masterline *l, struct column *c)
{
	for (size_t i = 0; i < MASTERLINE_FIELDS; i++) {
		if (i > 0)
			buf_addc(c->out, ' ');
		while (width(c) < columns[i])
			buf_addc(c->out, ' ');
		buf_adds(c->out, l->field[i]);
	}
}

static bool is_option(const char *word)
{
	return word[0] == '-' && strcmp(word, "--") != 0;
}

static bool takes_next(const struct masterline *l, size_t i)
{
	return strcmp(l->args.v[i], "-o") == 0 && i + 1 < l->args.n;
}

/* Folded, each -o with its value has a line of its own; what else there is fills lines. */
static void format_args(const struct masterline *l, bool is_folded, struct column *c)
{
	bool in_options = true, is_setting = false;
	struct buf word;

	buf_init(&word, LOGICAL_MAX);
	for (size_t i = 0; i < l->args.n; i++) {
		bool was_setting = is_setting;

		in_options = in_options && is_option(l->args.v[i]);
		is_setting = in_options && takes_next(l, i);
		buf_reset(&word);
		add_word(l->args.v[i], false, &word);
		if (is_setting) {
			buf_addc(&word, ' ');
			add_word(l->args.v[++i], true, &word);
		}
		if (is_folded && (is_setting || was_setting ||
				  width(c) + 1 + buf_len(&word) >= MASTERLINE_WIDTH))
			break_line(c);
		else
			buf_addc(c->out, ' ');
		buf_add(c->out, buf_slice(&word));
	}
	buf_done(&word);
}

void masterline_format(const struct masterline *l, bool is_folded, struct buf *out)
{
	struct column c = { out, buf_len(out) };

	format_fields(l, &c);
	format_args(l, is_folded, &c);
}

void masterline_command(const struct masterline *l, bool is_folded, struct buf *out)
{
	struct column c = { out, 0 };

	buf_adds(out, l->field[MASTERLINE_COMMAND]);
	format_args(l, is_folded, &c);
}
