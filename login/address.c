/* SPDX-License-Identifier: ISC */
#include "login/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/base64.h"

static void print(const struct sockaddr_storage *a, char *out, size_t size, uint16_t *ret_port)
{
	const struct sockaddr_in *v4 = (const void *)a;
	const struct sockaddr_in6 *v6 = (const void *)a;

	out[0] = '\0';
	*ret_port = 0;
	if (a->ss_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, out, (socklen_t)size);
		*ret_port = ntohs(v4->sin_port);
	} else if (a->ss_family == AF_INET6) {
		if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
			inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, out, (socklen_t)size);
		else
			inet_ntop(AF_INET6, &v6->sin6_addr, out, (socklen_t)size);
		*ret_port = ntohs(v6->sin6_port);
	}
}

void address_of_peer(int fd, char *out, size_t size, uint16_t *ret_port)
{
	struct sockaddr_storage a = { 0 };
	socklen_t n = sizeof(a);

	if (getpeername(fd, (struct sockaddr *)&a, &n) != 0)
		a.ss_family = AF_UNSPEC;
	print(&a, out, size, ret_port);
}

void address_of_self(int fd, char *out, size_t size, uint16_t *ret_port)
{
	struct sockaddr_storage a = { 0 };
	socklen_t n = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		a.ss_family = AF_UNSPEC;
	print(&a, out, size, ret_port);
}

static bool is_loopback(const char *addr)
{
	return strncmp(addr, "127.", 4) == 0 || strcmp(addr, "::1") == 0;
}

bool address_is_local(const char *remote, const char *local)
{
	return strcmp(remote, local) == 0 || (is_loopback(remote) && is_loopback(local));
}

/* Six bytes of time, two of the port, two of the process, two that count. */
void address_session_id(int64_t unix_us, uint16_t remote_port, char *out, size_t size)
{
	static uint16_t count;
	unsigned pid = (unsigned)getpid();
	unsigned char raw[12];
	struct buf b;

	for (int i = 0; i < 6; i++)
		raw[i] = (unsigned char)(unix_us >> 8 * i);
	count++;
	raw[6] = (unsigned char)remote_port;
	raw[7] = (unsigned char)(remote_port >> 8);
	raw[8] = (unsigned char)pid;
	raw[9] = (unsigned char)(pid >> 8);
	raw[10] = (unsigned char)count;
	raw[11] = (unsigned char)(count >> 8);
	buf_init(&b, 32);
	base64_encode(slice_make(raw, sizeof(raw)), &b);
	snprintf(out, size, "%s", buf_cstr(&b));
	buf_done(&b);
}
