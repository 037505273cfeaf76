/* cmd/postconf.c - show and change main.cf and master.cf; options and output as Postfix's. */
/* SPDX-License-Identifier: ISC */
#include "cmd/postconf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/tool.h"
#include "lib/conf/logical.h"
#include "lib/conf/slurp.h"
#include "lib/sys/log.h"
#include "lib/table/table.h"

static const char usage[] =
	"postconf [-a (server SASL types)] [-A (client SASL types)] [-c config_dir] "
	"[-C param_class] [-d (parameter defaults)] [-e (edit configuration)] [-f (fold lines)] "
	"[-F (master.cf fields)] [-h (no names)] [-H (no values)] [-l (lock types)] "
	"[-m (map types)] [-M (master.cf)] [-n (non-default parameters)] "
	"[-o name=value (override parameter value)] [-p (main.cf, default)] "
	"[-P (master.cf parameters)] [-q (quiet)] [-v (verbose)] [-x (expand parameter values)] "
	"[-X (exclude)] [-# (comment-out)] [name...]";

/* In the order in which conflicts are named. */
static const struct { char letter; unsigned bit; } options[] = {
	{ 'a', POSTCONF_SASL }, { 'A', POSTCONF_CLIENT_SASL },
	{ 'C', POSTCONF_CLASS }, { 'd', POSTCONF_DEFAULTS },
	{ 'e', POSTCONF_EDIT }, { 'f', POSTCONF_FOLD }, { 'F', POSTCONF_FIELDS },
	{ 'h', POSTCONF_NO_NAME }, { 'H', POSTCONF_NO_VALUE }, { 'l', POSTCONF_LOCKS },
	{ 'm', POSTCONF_MAPS }, { 'M', POSTCONF_ENTRIES }, { 'n', POSTCONF_SET },
	{ 'o', POSTCONF_OVERRIDE }, { 'p', POSTCONF_MAIN }, { 'P', POSTCONF_PARAMS },
	{ 'q', POSTCONF_QUIET }, { 'x', POSTCONF_EXPAND }, { 'X', POSTCONF_REMOVE },
	{ '#', POSTCONF_COMMENT },
};
enum { N_OPTIONS = sizeof(options) / sizeof(options[0]) };

enum { KINDS = POSTCONF_SASL | POSTCONF_CLIENT_SASL | POSTCONF_LOCKS | POSTCONF_MAPS |
	       POSTCONF_MAIN | POSTCONF_ENTRIES | POSTCONF_FIELDS | POSTCONF_PARAMS,
       SHAPES = POSTCONF_FOLD | POSTCONF_NO_NAME | POSTCONF_NO_VALUE };

/* At most one of each set. */
static const unsigned exclusive[] = {
	KINDS,
	POSTCONF_CHANGES | POSTCONF_DEFAULTS | POSTCONF_SET,
	POSTCONF_FOLD | POSTCONF_CHANGES, POSTCONF_EXPAND | POSTCONF_CHANGES,
	POSTCONF_OVERRIDE | POSTCONF_CHANGES,
	POSTCONF_NO_NAME | POSTCONF_NO_VALUE | POSTCONF_CHANGES,
};

/* What may go together with each kind of request. */
static const struct { unsigned kind, with; } allowed[] = {
	{ POSTCONF_SASL, POSTCONF_QUIET }, { POSTCONF_CLIENT_SASL, POSTCONF_QUIET },
	{ POSTCONF_LOCKS, POSTCONF_QUIET },
	{ POSTCONF_MAPS, POSTCONF_QUIET },
	{ POSTCONF_ENTRIES, POSTCONF_CHANGES | POSTCONF_FOLD | POSTCONF_OVERRIDE | POSTCONF_EXPAND |
		POSTCONF_QUIET },
	{ POSTCONF_FIELDS, POSTCONF_EDIT | SHAPES | POSTCONF_OVERRIDE | POSTCONF_EXPAND |
		POSTCONF_QUIET },
	{ POSTCONF_PARAMS, POSTCONF_EDIT | POSTCONF_REMOVE | SHAPES | POSTCONF_OVERRIDE |
		POSTCONF_EXPAND | POSTCONF_QUIET },
};

struct names {
	char text[3 * N_OPTIONS + 1];
};

/* " -d -e": the options of MASK that are set. */
static const char *names_of(unsigned mask, struct names *out)
{
	char *p = out->text;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		if ((mask & options[i].bit) == 0)
			continue;
		*p++ = ' ';
		*p++ = '-';
		*p++ = options[i].letter;
	}
	*p = '\0';
	return out->text;
}

static void check_mode(unsigned mode)
{
	struct names names, other;

	for (size_t i = 0; i < sizeof(exclusive) / sizeof(exclusive[0]); i++) {
		unsigned both = mode & exclusive[i];

		if ((both & (both - 1)) != 0)
			log_fatal("specify one of%s", names_of(both, &names));
	}
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		unsigned extra = mode & ~allowed[i].kind & ~allowed[i].with;

		if ((mode & allowed[i].kind) != 0 && extra != 0)
			log_fatal("with option%s, do not specify%s",
				  names_of(allowed[i].kind, &names), names_of(extra, &other));
	}
}

static unsigned parse_classes(const char *arg)
{
	static const struct { const char *name; unsigned bits; } table[] = {
		{ "builtin", 1U << KNOWN_BUILTIN | 1U << KNOWN_FOREIGN },
		{ "service", 1U << KNOWN_SERVICE }, { "user", 1U << KNOWN_USER },
		{ "foreign", 1U << KNOWN_FOREIGN }, { "all", ~0U },
	};
	struct slice rest = slice_str(arg), word;
	unsigned bits = 0;
	size_t i;

	while (param_next_word(&rest, &word)) {
		for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
			if (slice_iis(word, table[i].name))
				break;
		if (i == sizeof(table) / sizeof(table[0]))
			log_fatal("unknown -C option value \"%.*s\" in \"%s\"", SLICE_ARG(word), arg);
		bits |= table[i].bits;
	}
	return bits;
}

void postconf_cut_setting(const char *arg, struct slice *ret_name, struct slice *ret_value)
{
	struct slice s = slice_str(arg);
	ptrdiff_t eq = slice_chr(s, '=');

	*ret_name = slice_trim_space(slice_sub(s, 0, eq < 0 ? s.n : (size_t)eq));
	for (size_t i = 0; i < ret_name->n; i++)
		if (char_is_space(ret_name->p[i]))
			eq = -1;
	if (eq < 0)
		log_fatal("missing '=' after attribute name: \"%s\"", arg);
	if (ret_name->n == 0)
		log_fatal("missing attribute name: \"%s\"", arg);
	*ret_value = slice_trim_space(slice_skip(s, (size_t)eq + 1));
}

/* What Postfix's has and this one does not. */
static void refuse_option(int letter)
{
	static const struct { int letter; const char *why; } known[] = {
		{ 'b', "this version does not show the texts of reports; see bounce(8)" },
		{ 't', "this version does not show the texts of reports; see bounce(8)" },
		{ 'T', "this version does not tell what TLS can do; openssl(1) does" },
		{ 'j', "this version does not write JSON" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].letter == letter)
			log_fatal("option -%c: %s", letter, known[i].why);
	log_fatal("usage: %s", usage);
}

/* One "name=value" of -o; overrides are kept in the arena until main.cf is opened. */
struct override {
	struct override *next;
	const char *arg;
};

static void read_options(struct postconf *p, int argc, char **argv, const char **config_dir,
			 struct override **overrides)
{
	int c, verbose = 0;

	while ((c = getopt(argc, argv, "aAbc:C:deEfFhHjlmMno:pPqtT:vxX#")) > 0) {
		size_t i;

		for (i = 0; i < N_OPTIONS && options[i].letter != c; i++)
			;
		if (i < N_OPTIONS)
			p->mode |= options[i].bit;
		if (c == 'c') {
			*config_dir = optarg;
		} else if (c == 'C') {
			p->classes = parse_classes(optarg);
		} else if (c == 'o') {
			struct override *o = ARENA_NEW(&p->arena, struct override);

			if (o == NULL || strchr(optarg, '=') == NULL)
				log_fatal("invalid parameter override: %s: missing '=' after"
					  " attribute name", optarg);
			o->arg = optarg;
			*overrides = o;
			overrides = &o->next;
		} else if (c == 'v') {
			log_set_verbose(++verbose);
		} else if (i == N_OPTIONS) {
			refuse_option(c);
		}
	}
}

static void set_overrides(struct postconf *p, const struct override *o)
{
	for (; o != NULL; o = o->next) {
		struct slice name, value;

		postconf_cut_setting(o->arg, &name, &value);
		conf_override(p->c, name, value);
		conf_override(p->defaults, name, value);
	}
}

static void report(const struct faults *faults)
{
	struct buf b;

	buf_init(&b, 8192);
	for (const struct fault *f = faults->first; f != NULL; f = f->next) {
		struct fault said = *f;

		if (!f->is_fatal)
			said.remedy = NULL;	/* in Postfix's words, which tools read */
		buf_reset(&b);
		fault_print(&said, &b);
		log_at(f->is_fatal ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, NULL, "%s",
		       buf_cstr(&b));
	}
	buf_done(&b);
	if (faults->fatal_count > 0)
		log_fatal("%u faults in the configuration", faults->fatal_count);
}

static void tell_unread(enum log_level level, const char *path, const struct err *err)
{
	if (err->sys_errno != 0)	/* in Postfix's words */
		log_at(level, NULL, "open %s: %s", path, strerror(err->sys_errno));
	else
		log_at(level, NULL, "%s", err->text);
	if (level == LOG_LEVEL_FATAL)
		exit(1);
}

/* Defaults are there without main.cf; without master.cf only what its services add is missing. */
static void read_configuration(struct postconf *p)
{
	bool needs_main = (p->mode & POSTCONF_DEFAULTS) == 0;
	bool needs_master =
		(p->mode & (POSTCONF_ENTRIES | POSTCONF_FIELDS | POSTCONF_PARAMS)) != 0;
	struct faults faults;
	struct err err = { 0 };

	faults_init(&faults, &p->arena);
	if (needs_main && conf_read(p->c, &faults, &err) != RC_OK)
		tell_unread(LOG_LEVEL_FATAL, arena_printf(&p->arena, "%s/main.cf", p->dir), &err);
	buf_init(&p->text, SLURP_MAX);
	if (slurp_file(p->master_path, &p->text, NULL, &err) != RC_OK)
		tell_unread(needs_master ? LOG_LEVEL_FATAL : LOG_LEVEL_WARNING, p->master_path,
			    &err);
	report(&faults);
	/* What is only odd there is check's business. */
	faults_init(&faults, &p->arena);
	mastercf_parse(p->master_path, buf_slice(&p->text), &p->arena, &p->services, &faults);
	masterfile_parse(p->master_path, buf_slice(&p->text), &p->arena, &p->master, &faults);
	if (faults.fatal_count > 0)
		report(&faults);
}

static void warn_undefined(void *ctx, const char *file, struct slice name)
{
	const struct postconf *p = ctx;

	log_warn(NULL, "%s: undefined parameter: %.*s", file != NULL ? file : p->dir,
		 SLICE_ARG(name));
}

static void warn_unused(void *ctx, const char *file, unsigned line, struct slice name,
			struct slice value)
{
	const struct postconf *p = ctx;

	(void)line;
	/* Who looks at master.cf is told about that file. */
	if ((p->mode & (POSTCONF_ENTRIES | POSTCONF_FIELDS | POSTCONF_PARAMS)) != 0 &&
	    (file == NULL || strcmp(file, p->master_path) != 0))
		return;
	if (file != NULL)
		log_warn(NULL, "%s: unused parameter: %.*s=%.*s", file, SLICE_ARG(name),
			 SLICE_ARG(value));
	else
		log_warn(NULL, "%s/main.cf: unused parameter: %.*s=%.*s", p->dir, SLICE_ARG(name),
			 SLICE_ARG(value));
}

/* Words filled into lines of 80 bytes with -f; long words stand alone. */
static void add_words(const struct postconf *p, struct slice value, struct buf *out)
{
	size_t line_start = 0;
	struct slice word;

	while (slice_token(&value, " \t\r\n", &word)) {
		size_t used = buf_len(out) - line_start;

		if ((p->mode & POSTCONF_FOLD) != 0 && used > MASTERLINE_INDENT &&
		    used + word.n + 1 > MASTERLINE_WIDTH) {
			buf_addc(out, '\n');
			line_start = buf_len(out);
			buf_addf(out, "%*s", MASTERLINE_INDENT, "");
		} else if (used > 0) {
			buf_addc(out, ' ');
		}
		buf_add(out, word);
	}
}

void postconf_print(const struct postconf *p, const char *name, struct slice value)
{
	struct buf out;

	buf_init(&out, 4 * LOGICAL_MAX);
	if ((p->mode & POSTCONF_NO_NAME) == 0)
		buf_adds(&out, name);
	if ((p->mode & (POSTCONF_NO_NAME | POSTCONF_NO_VALUE)) == 0)
		buf_adds(&out, " =");
	if ((p->mode & POSTCONF_NO_VALUE) == 0)
		add_words(p, value, &out);
	puts(buf_cstr(&out));
	buf_done(&out);
}

static void show_maps(void)
{
	const char *name;

	for (size_t i = 0; (name = table_type_name(i)) != NULL; i++)
		puts(name);
}

static bool show_other(const struct postconf *p)
{
	if ((p->mode & POSTCONF_MAPS) != 0)
		show_maps();
	else if ((p->mode & POSTCONF_LOCKS) != 0)
		puts("flock\nfcntl\ndotlock");
	else if ((p->mode & POSTCONF_SASL) != 0)
		puts("cyrus\ndovecot");
	else	/* what is here to send mail to other hosts knows none */
		return (p->mode & POSTCONF_CLIENT_SASL) != 0;
	return true;
}

static void show(struct postconf *p, char **args)
{
	bool warns = (p->mode & (POSTCONF_QUIET | POSTCONF_DEFAULTS)) == 0;

	p->known = known_new(p->c, p->services);
	if (warns)
		known_undefined(p->known, warn_undefined, p);
	if ((p->mode & (POSTCONF_ENTRIES | POSTCONF_FIELDS | POSTCONF_PARAMS)) != 0)
		postconf_master_show(p, args);
	else
		postconf_main_show(p, args);
	fflush(stdout);
	if (warns)
		known_unused(p->known, warn_unused, p);
	known_free(&p->known);
}

/* A name=value argument means -e. */
static void imply_edit(struct postconf *p, char **args)
{
	bool is_list = (p->mode & (POSTCONF_SASL | POSTCONF_CLIENT_SASL | POSTCONF_LOCKS |
				   POSTCONF_MAPS)) != 0;

	for (; *args != NULL && !is_list; args++)
		if (strchr(*args, '=') != NULL)
			p->mode |= POSTCONF_EDIT;
	check_mode(p->mode);
}

static void run(struct postconf *p, char **args, const struct override *overrides)
{
	imply_edit(p, args);
	if (show_other(p))
		return;
	p->c = conf_new(p->dir);
	p->defaults = conf_new(p->dir);
	p->master_path = arena_printf(&p->arena, "%s/master.cf", p->dir);
	set_overrides(p, overrides);
	if ((p->mode & POSTCONF_CHANGES) == 0) {
		read_configuration(p);
		show(p, args);
	} else if ((p->mode & (POSTCONF_ENTRIES | POSTCONF_FIELDS | POSTCONF_PARAMS)) != 0) {
		postconf_master_edit(p, args);
	} else {
		postconf_main_edit(p, args);
	}
}

int main(int argc, char **argv)
{
	struct postconf p = { .classes = ~0U };
	struct override *overrides = NULL;
	const char *config_dir = NULL;

	tool_init("postconf", 1);
	argv[0] = (char *)"postconf"; /* for getopt's messages */
	arena_init(&p.arena, 256UL << 20);
	read_options(&p, argc, argv, &config_dir, &overrides);
	p.has_explicit_dir = config_dir != NULL || getenv("MAIL_CONFIG") != NULL;
	p.dir = tool_config_dir(config_dir);
	run(&p, argv + optind, overrides);
	buf_done(&p.text);
	conf_free(&p.c);
	conf_free(&p.defaults);
	arena_done(&p.arena);
	if (fflush(stdout) != 0 || ferror(stdout))
		log_fatal("cannot write the output: %m");
	return 0;
}
