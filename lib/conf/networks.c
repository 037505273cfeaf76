/* lib/conf/networks.c - interface addresses cut to networks. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/networks.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { ADDR_BYTES_MAX = 16 };

struct network {
	size_t n_bytes;			/* 4 or 16 */
	unsigned char addr[ADDR_BYTES_MAX];
	unsigned prefix;
};

static unsigned mask_length(const unsigned char *mask, size_t n)
{
	unsigned bits = 0;

	for (size_t i = 0; i < n * 8 && (mask[i / 8] & (0x80U >> (i % 8))) != 0; i++)
		bits++;
	return bits;
}

static void cut_to_prefix(struct network *net)
{
	for (size_t i = net->prefix; i < net->n_bytes * 8; i++)
		net->addr[i / 8] &= (unsigned char)~(0x80U >> (i % 8));
}

static unsigned class_prefix(unsigned char first)
{
	return first < 128 ? 8 : first < 192 ? 16 : first < 224 ? 24 : 32;
}

static const unsigned char *addr_bytes(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return (const unsigned char *)
			&((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	return (const unsigned char *)&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
}

static void network_of(const struct ifaddrs *ifa, const char *style, struct network *out)
{
	bool is_v4 = ifa->ifa_addr->sa_family == AF_INET;

	memset(out, 0, sizeof(*out)); /* padding too: networks are compared as bytes */
	out->n_bytes = is_v4 ? 4 : 16;
	memcpy(out->addr, addr_bytes(ifa->ifa_addr), out->n_bytes);
	if (strcmp(style, "host") == 0 || ifa->ifa_netmask == NULL)
		out->prefix = is_v4 ? 32 : 128;
	else if (strcmp(style, "class") == 0 && is_v4)
		out->prefix = class_prefix(out->addr[0]);
	else
		out->prefix = mask_length(addr_bytes(ifa->ifa_netmask), out->n_bytes);
	cut_to_prefix(out);
}

static void add_network(const struct network *net, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(net->n_bytes == 4 ? AF_INET : AF_INET6, net->addr, text, sizeof(text));
	buf_addf(out, net->n_bytes == 4 ? "%s%s/%u" : "%s[%s]/%u", buf_len(out) > 0 ? " " : "",
		 text, net->prefix);
}

static bool has_word(const char *list, const char *word)
{
	struct slice s = slice_str(list), token;

	while (slice_token(&s, " \t\r\n,", &token))
		if (slice_iis(token, word))
			return true;
	return false;
}

static bool is_address_listed(const char *interfaces, const struct ifaddrs *ifa)
{
	char text[INET6_ADDRSTRLEN + 2];

	if (has_word(interfaces, "all"))
		return true;
	if (has_word(interfaces, "loopback-only"))
		return (ifa->ifa_flags & IFF_LOOPBACK) != 0;
	inet_ntop(ifa->ifa_addr->sa_family, addr_bytes(ifa->ifa_addr), text, sizeof(text));
	return has_word(interfaces, text);
}

static bool has_names_only(const char *interfaces)
{
	struct slice s = slice_str(interfaces), token;

	while (slice_token(&s, " \t\r\n,", &token))
		if (slice_iis(token, "all") || slice_iis(token, "loopback-only") ||
		    char_is_digit(token.p[0]) || slice_chr(token, ':') >= 0)
			return false;
	return true;
}

static bool is_same_network(const struct network *a, const struct network *b)
{
	return a->n_bytes == b->n_bytes && a->prefix == b->prefix &&
	       memcmp(a->addr, b->addr, a->n_bytes) == 0;
}

static void add_family(const struct ifaddrs *list, int family, const char *style,
		       const char *interfaces, struct buf *out)
{
	struct network nets[256];
	size_t n = 0, i;

	for (const struct ifaddrs *ifa = list; ifa != NULL; ifa = ifa->ifa_next) {
		if (ifa->ifa_addr == NULL || ifa->ifa_addr->sa_family != family ||
		    (ifa->ifa_flags & IFF_UP) == 0 || n == sizeof(nets) / sizeof(nets[0]) ||
		    !is_address_listed(interfaces, ifa))
			continue;
		network_of(ifa, style, &nets[n]);
		for (i = 0; i < n; i++)
			if (is_same_network(&nets[i], &nets[n]))
				break;
		if (i == n)
			add_network(&nets[n++], out);
	}
}

void networks_of_interfaces(const char *style, const char *interfaces, const char *protocols,
			    struct buf *out)
{
	struct ifaddrs *list = NULL;

	if (getifaddrs(&list) < 0) {
		buf_adds(out, "127.0.0.0/8 [::1]/128");
		return;
	}
	/* Names are resolved by master when it listens; here they count as every interface would
	 * be too much trust, so only the loopback networks are taken. */
	if (has_names_only(interfaces))
		interfaces = "loopback-only";
	if (has_word(protocols, "all") || has_word(protocols, "ipv4"))
		add_family(list, AF_INET, style, interfaces, out);
	if (has_word(protocols, "all") || has_word(protocols, "ipv6"))
		add_family(list, AF_INET6, style, interfaces, out);
	freeifaddrs(list);
}
