/* SPDX-License-Identifier: ISC */
#include "lib/sys/crc.h"

static uint32_t crc_software(uint32_t crc, const unsigned char *p, size_t n)
{
	for (; n > 0; p++, n--) {
		crc ^= *p;
		for (int k = 0; k < 8; k++)
			crc = (crc >> 1) ^ (0x82f63b78u & (0 - (crc & 1)));
	}
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2")))
static uint32_t crc_hardware(uint32_t crc, const unsigned char *p, size_t n)
{
	uint64_t c = crc;

	for (; n >= 8; p += 8, n -= 8) {
		uint64_t v;

		memcpy(&v, p, 8);
		c = __builtin_ia32_crc32di(c, v);
	}
	for (; n > 0; p++, n--)
		c = __builtin_ia32_crc32qi((uint32_t)c, *p);
	return (uint32_t)c;
}

static uint32_t crc_run(uint32_t crc, const unsigned char *p, size_t n)
{
	return __builtin_cpu_supports("sse4.2") ? crc_hardware(crc, p, n)
						: crc_software(crc, p, n);
}
#else
static uint32_t crc_run(uint32_t crc, const unsigned char *p, size_t n)
{
	return crc_software(crc, p, n);
}
#endif

uint32_t crc32c(uint32_t crc, struct slice s)
{
	return s.n > 0 ? ~crc_run(~crc, (const unsigned char *)s.p, s.n) : crc;
}
