/* lib/sys/crc.h - CRC-32C (Castagnoli), by the processor's instruction where it has one.
 *
 * Pure in effect; here and not in lib/base because it asks the processor. */
/* SPDX-License-Identifier: ISC */
#ifndef LIB_SYS_CRC_H
#define LIB_SYS_CRC_H

#include "lib/base/slice.h"

/* CRC over S, continued from CRC (0 to start). (RFC 3720, appendix B.4) */
uint32_t crc32c(uint32_t crc, struct slice s);

#endif
