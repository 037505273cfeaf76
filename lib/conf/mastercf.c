/* lib/conf/mastercf.c - words of master.cf to services. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/mastercf.h"

#include "lib/base/num.h"
#include "lib/conf/logical.h"
#include "lib/conf/masterline.h"
#include "lib/conf/slurp.h"

enum { MASTERCF_MAX = 4 << 20, WAKEUP_MAX_S = 10 * 365 * 86400, PROCESSES_MAX = 1000000 };

static const struct { const char *name; enum service_type type; } types[] = {
	{ "inet", SERVICE_INET }, { "unix", SERVICE_UNIX }, { "unix-dgram", SERVICE_UNIX_DGRAM },
	{ "fifo", SERVICE_FIFO }, { "pass", SERVICE_PASS },
};
enum { N_TYPES = sizeof(types) / sizeof(types[0]) };

/* One file being read. */
struct reader {
	const char *file;
	unsigned line;
	struct arena *arena;
	struct faults *faults;
	bool is_bad;		/* the current line has a fault */
};

const char *service_type_name(enum service_type t)
{
	for (size_t i = 0; i < N_TYPES; i++)
		if (types[i].type == t)
			return types[i].name;
	return "unknown";
}

static void fault(struct reader *r, const char *remedy, const char *field, const char *value)
{
	r->is_bad = true;
	faults_add(r->faults, true, r->file, r->line, remedy, "field \"%s\": bad value: \"%.80s\"",
		   field, value);
}

static void fault_err(struct reader *r, const char *remedy, const struct err *err)
{
	r->is_bad = true;
	faults_add(r->faults, true, r->file, r->line, remedy, "%s", err->text);
}

static bool read_bool(struct reader *r, const struct masterline *l, enum masterline_field f,
		      bool def)
{
	const char *s = l->field[f];

	if (strcmp(s, "-") == 0)
		return def;
	if (strcmp(s, "y") == 0 || strcmp(s, "n") == 0)
		return s[0] == 'y';
	fault(r, "write y, n or -", masterline_field_names[f], s);
	return def;
}

static enum service_type read_type(struct reader *r, const char *s)
{
	for (size_t i = 0; i < N_TYPES; i++)
		if (strcmp(s, types[i].name) == 0)
			return types[i].type;
	fault(r, "write inet, unix, unix-dgram, fifo or pass", "type", s);
	return SERVICE_UNIX;
}

static void read_wakeup(struct reader *r, const char *text, struct service *s)
{
	struct slice n = slice_str(text);
	uint32_t seconds;

	if (strcmp(text, "-") == 0)
		return;
	if (n.p[n.n - 1] == '?') {
		s->wakeup_if_used = true;
		n.n--;
	}
	if (num_u32(n, WAKEUP_MAX_S, &seconds) == RC_OK)
		s->wakeup_s = (int)seconds;
	else
		fault(r, "write seconds, seconds? or -", "wakeup", text);
}

static void read_limit(struct reader *r, const char *text, struct service *s)
{
	uint32_t n;

	s->max_processes = -1;
	if (strcmp(text, "-") == 0)
		return;
	if (num_u32(slice_str(text), PROCESSES_MAX, &n) == RC_OK)
		s->max_processes = (int)n;
	else
		fault(r, "write a number (0: no limit) or -", "process_limit", text);
}

/* inet: [host:]port; the rest: a name without directory. */
static void check_name(struct reader *r, const struct service *s)
{
	struct slice name = slice_str(s->name);
	ptrdiff_t colon = slice_rchr(name, ':');

	if (s->type == SERVICE_INET) {
		if (colon == (ptrdiff_t)name.n - 1 || slice_chr(name, '/') >= 0)
			fault(r, "write port, host:port or [address]:port", "service", s->name);
	} else if (slice_chr(name, '/') >= 0 || name.p[0] == '.') {
		fault(r, "write a name without directory", "service", s->name);
	}
}

static void add_option(struct reader *r, struct service_option ***tail, char *name, char *value)
{
	struct service_option *o = ARENA_NEW(r->arena, struct service_option);

	if (o == NULL)
		return fault_err(r, NULL, &(struct err){ .text = "too much text" });
	o->name = name;
	o->value = value;
	**tail = o;
	*tail = &o->next;
}

/* Without the braces of a {group}. */
static char *plain_word(struct arena *arena, const char *word)
{
	struct slice s = slice_str(word);

	if (s.n >= 2 && s.p[0] == '{')
		s = slice_trim_space(slice_sub(s, 1, s.n - 2));
	return arena_str(arena, s);
}

/* -v, -vv ...: 0 when WORD is something else. */
static int count_verbose(const char *word)
{
	size_t n = strspn(word + 1, "v");

	return word[0] == '-' && n > 0 && word[1 + n] == '\0' ? (int)n : 0;
}

/* Options end at the first word that is none: what follows argv= belongs to the command. */
static void read_args(struct reader *r, const struct masterline *l, struct service *s)
{
	struct service_option **tail = &s->options;
	bool in_options = true;
	size_t n = 0;

	s->args = arena_alloc(r->arena, (l->args.n + 1) * sizeof(*s->args));
	if (s->args == NULL)
		return fault_err(r, NULL, &(struct err){ .text = "too much text" });
	for (size_t i = 0; i < l->args.n; i++) {
		struct err err = { 0 };
		char *name, *value;
		int words;

		in_options = in_options && l->args.v[i][0] == '-';
		words = in_options ? masterline_option(l, i, r->arena, &name, &value, &err) : 0;
		if (words < 0)
			return fault_err(r, "write -o name=value or -o { name = value }", &err);
		if (words > 0) {
			add_option(r, &tail, name, value);
			i += (size_t)words - 1;
		} else if (in_options && count_verbose(l->args.v[i]) > 0) {
			s->verbose += count_verbose(l->args.v[i]);
		} else if (in_options && strcmp(l->args.v[i], "-D") == 0) {
			faults_add(r->faults, false, r->file, r->line,
				   "attach a debugger to the process instead",
				   "service %s: -D is not used", s->name);
		} else if ((s->args[n] = plain_word(r->arena, l->args.v[i])) == NULL) {
			return fault_err(r, NULL, &(struct err){ .text = "too much text" });
		} else {
			n++;
		}
	}
}

static struct service *read_service(struct reader *r, struct slice text)
{
	struct service *s = ARENA_NEW(r->arena, struct service);
	struct err err = { 0 };
	struct masterline l;

	r->is_bad = false;
	if (s == NULL || masterline_parse(text, r->arena, &l, &err) != RC_OK) {
		fault_err(r, "a line has: service type private unpriv chroot wakeup maxproc command",
			  &err);
		return NULL;
	}
	s->line = r->line;
	s->name = (char *)l.field[MASTERLINE_SERVICE];
	s->program = (char *)l.field[MASTERLINE_COMMAND];
	s->type = read_type(r, l.field[MASTERLINE_TYPE]);
	s->is_private = read_bool(r, &l, MASTERLINE_PRIVATE, true);
	s->is_unprivileged = read_bool(r, &l, MASTERLINE_UNPRIVILEGED, true);
	s->wants_chroot = read_bool(r, &l, MASTERLINE_CHROOT, false);
	read_wakeup(r, l.field[MASTERLINE_WAKEUP], s);
	read_limit(r, l.field[MASTERLINE_LIMIT], s);
	check_name(r, s);
	if (strchr(s->program, '/') != NULL || s->program[0] == '.' || s->program[0] == '{')
		fault(r, "write the name of a program in daemon_directory", "command", s->program);
	read_args(r, &l, s);
	return r->is_bad ? NULL : s;
}

/* Take an earlier service of the same name and type out of the list. */
static void remove_duplicate(struct reader *r, struct service **list, const struct service *s)
{
	for (struct service **at = list; *at != NULL; at = &(*at)->next) {
		if ((*at)->type != s->type || strcmp((*at)->name, s->name) != 0)
			continue;
		faults_add(r->faults, false, r->file, r->line, "remove one of the two",
			   "duplicate entry for service \"%s\" of line %u: the last one is used",
			   s->name, (*at)->line);
		*at = (*at)->next;
		return;
	}
}

void mastercf_parse(const char *file, struct slice text, struct arena *arena,
		    struct service **ret, struct faults *faults)
{
	struct reader r = { .file = file, .arena = arena, .faults = faults };
	struct logical l;

	*ret = NULL;
	logical_init(&l, text);
	while (logical_next(&l)) {
		struct service *s, **tail;

		r.line = l.first_line;
		if (l.has_nul || l.starts_blank || buf_is_over(&l.text)) {
			faults_add(faults, true, file, l.first_line,
				   "a line starts in the first column and is plain text",
				   l.has_nul ? "the line contains a NUL byte"
				   : l.starts_blank ? "the first line starts with a blank"
						    : "the line is too long");
			continue;
		}
		s = read_service(&r, buf_slice(&l.text));
		if (s == NULL)
			continue;
		remove_duplicate(&r, ret, s);
		for (tail = ret; *tail != NULL; tail = &(*tail)->next)
			;
		*tail = s;
	}
	logical_done(&l);
}

enum rc mastercf_read(const char *config_dir, struct arena *arena, struct service **ret,
		      struct faults *faults, struct err *err)
{
	char *path = arena_printf(arena, "%s/master.cf", config_dir);
	struct buf text;
	enum rc rc;

	if (path == NULL)
		return err_set(err, RC_LIMIT, "configuration directory: name too long");
	buf_init(&text, MASTERCF_MAX);
	rc = slurp_file(path, &text, NULL, err);
	if (rc == RC_OK)
		mastercf_parse(path, buf_slice(&text), arena, ret, faults);
	buf_done(&text);
	return rc;
}
