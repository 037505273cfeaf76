/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "cmd/control/buzon.h"
#include "cmd/tool.h"
#include "lib/base/num.h"
#include "lib/conf/param.h"

#define VALUE(member, def) { PARAM_STR, #member, def, 0, 0, "", offsetof(struct suite, member), \
			     __FILE__ }
static const struct param_spec specs[] = {
	VALUE(queue_directory, BUZON_QUEUE_DIR), VALUE(data_directory, BUZON_DATA_DIR),
	VALUE(daemon_directory, BUZON_DAEMON_DIR), VALUE(command_directory, BUZON_COMMAND_DIR),
	VALUE(mail_owner, "buzon"), VALUE(auth_owner, "buzonauth"),
	VALUE(net_owner, "buzonnet"), VALUE(setgid_group, "buzondrop"),
	VALUE(process_id_directory, "pid"), VALUE(maillog_file, ""),
};

bool suite_read(struct suite *s)
{
	struct err err = { 0 };
	struct faults ignored;

	conf_override(s->conf, SLICE_LIT("process_name"), SLICE_LIT("master"));
	if (conf_read(s->conf, &s->faults, &err) != RC_OK) {
		faults_add(&s->faults, true, NULL, 0, NULL, "%s", err.text);
		return false;
	}
	tool_log(s->conf);
	params_load(specs, sizeof(specs) / sizeof(specs[0]), s->conf, &s->arena, s, &s->faults);
	if (plan_read(s->conf, &s->arena, &s->plan, &s->faults, &err) != RC_OK) {
		faults_add(&s->faults, true, NULL, 0, NULL, "%s", err.text);
		return false;
	}
	faults_init(&ignored, &s->arena);	/* told by plan_read() */
	return mastercf_read(s->config_dir, &s->arena, &s->services, &ignored, &err) == RC_OK;
}

/* What is said of a parameter, without its name. */
static struct slice complaint_of(const struct fault *f)
{
	struct slice text = slice_str(f->text);
	ptrdiff_t colon = slice_chr(text, ':');

	return slice_skip(text, (size_t)(colon + 1));
}

/* Programs that read the same parameter find the same fault, and one that is set gives its fault to
 * those whose defaults refer to it. */
static bool was_told(const struct suite *s, const struct fault *fault)
{
	bool is_nowhere = fault->line == 0 && fault->is_fatal;
	bool is_before = true;

	for (const struct fault *f = s->faults.first; f != NULL; f = f->next) {
		is_before &= f != fault;
		if (is_before && f->line == fault->line && strcmp(f->text, fault->text) == 0)
			return true;
		if (is_nowhere && f->line > 0 && f->is_fatal &&
		    slice_eq(complaint_of(f), complaint_of(fault)))
			return true;
	}
	return false;
}

unsigned suite_print_faults(struct suite *s, bool with_notes)
{
	unsigned fatal = 0;
	struct buf line;

	faults_locate(&s->faults, s->conf);
	buf_init(&line, 4096);
	for (const struct fault *f = s->faults.first; f != NULL; f = f->next) {
		if (was_told(s, f) || (!f->is_fatal && !with_notes))
			continue;
		buf_reset(&line);
		fault_print(f, &line);
		say(f->is_fatal ? "fatal" : "note", "%s", buf_cstr(&line));
		fatal += f->is_fatal;
	}
	buf_done(&line);
	return fatal;
}

/* The lock says whether master runs, the number who it is. */
pid_t suite_running(const struct suite *s)
{
	char path[4096], text[32];
	struct slice line;
	uint32_t pid = 0;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/master.pid", s->queue_directory,
		 s->process_id_directory);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		n = read(fd, text, sizeof(text));
	close(fd);
	line = slice_trim_space(slice_make(text, n > 0 ? (size_t)n : 0));
	return num_u32(line, INT32_MAX, &pid) == RC_OK ? (pid_t)pid : 0;
}
