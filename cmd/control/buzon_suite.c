/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "cmd/control/buzon.h"
#include "lib/base/num.h"
#include "lib/conf/param.h"

#define VALUE(member, def) { PARAM_STR, #member, def, 0, 0, "", offsetof(struct suite, member), \
			     __FILE__ }
static const struct param_spec specs[] = {
	VALUE(queue_directory, BUZON_QUEUE_DIR), VALUE(data_directory, BUZON_DATA_DIR),
	VALUE(daemon_directory, BUZON_DAEMON_DIR), VALUE(command_directory, BUZON_COMMAND_DIR),
	VALUE(mail_owner, "buzon"), VALUE(auth_owner, "buzonauth"),
	VALUE(net_owner, "buzonnet"), VALUE(setgid_group, "buzondrop"),
	VALUE(process_id_directory, "pid"),
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
	params_load(specs, sizeof(specs) / sizeof(specs[0]), s->conf, &s->arena, s, &s->faults);
	if (plan_read(s->conf, &s->arena, &s->plan, &s->faults, &err) != RC_OK) {
		faults_add(&s->faults, true, NULL, 0, NULL, "%s", err.text);
		return false;
	}
	faults_init(&ignored, &s->arena);	/* told by plan_read() */
	return mastercf_read(s->config_dir, &s->arena, &s->services, &ignored, &err) == RC_OK;
}

/* Programs that read the same parameter find the same fault. */
static bool was_told(const struct suite *s, const struct fault *fault)
{
	for (const struct fault *f = s->faults.first; f != fault; f = f->next)
		if (f->line == fault->line && strcmp(f->text, fault->text) == 0)
			return true;
	return false;
}

unsigned suite_print_faults(const struct suite *s, bool with_notes)
{
	unsigned fatal = 0;
	struct buf line;

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
