/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/sys/log.h"
#include "master/master.h"

static int connect_to(const char *path, int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	close(fd);
	return -1;
}

int log_socket(const struct master *m, const char **ret_kind)
{
	const struct master_config *c = &m->generation->config;
	int fd;

	*ret_kind = "stderr";
	if (c->maillog_file[0] != '\0') {
		fd = connect_to("private/postlog-lines", SOCK_SEQPACKET);
		if (fd >= 0)
			*ret_kind = "postlog";
		return fd;
	}
	fd = connect_to("/dev/log", SOCK_DGRAM);
	if (fd >= 0)
		*ret_kind = "syslog";
	return fd;
}

/* One process has one log. */
static struct master *log_owner;

static void on_lost(void)
{
	const char *kind;
	int fd = log_socket(log_owner, &kind);

	if (fd >= 0)
		log_set_fd(fd);
}

void master_open_log(struct master *m)
{
	const struct master_config *c = &m->generation->config;
	const char *kind;
	char tag[80];
	int fd = log_socket(m, &kind);

	snprintf(tag, sizeof(tag), "%s/master", c->syslog_name);
	log_set_fd(fd);
	log_open(strcmp(kind, "postlog") == 0 ? LOG_SINK_POSTLOG :
		 strcmp(kind, "syslog") == 0 ? LOG_SINK_SYSLOG : LOG_SINK_STDERR,
		 fd, tag, log_facility(c->syslog_facility));
	log_owner = m;
	log_on_lost(on_lost);
}
