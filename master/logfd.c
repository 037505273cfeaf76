/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/sys/log.h"
#include "lib/sys/unixsock.h"
#include "master/master.h"

int log_socket(const struct master *m, const char **ret_kind)
{
	const struct master_config *c = &m->generation->config;
	int fd;

	*ret_kind = "stderr";
	if (c->maillog_file[0] != '\0') {
		fd = unixsock_connect("private/postlog-lines", SOCK_SEQPACKET | SOCK_NONBLOCK);
		if (fd >= 0)
			*ret_kind = "postlog";
		return fd;
	}
	fd = unixsock_connect("/dev/log", SOCK_DGRAM | SOCK_NONBLOCK);
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
