/* tests/unit/unit.h - cmocka and the few words that every unit test uses. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/base/slice.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Compare a slice with a C string and show both on failure. */
static inline void unit_slice_is(struct slice got, const char *want, const char *what)
{
	if (!slice_is(got, want))
		fail_msg("%s: got \"%.*s\", want \"%s\"", what, SLICE_ARG(got), want);
}

#endif
