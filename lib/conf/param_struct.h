/* lib/conf/param_struct.h - make the struct and the table of a params.def; see param.h.
 *
 * Included with PARAMS_STRUCT and PARAMS_FILE defined; may be included several times. */
/* SPDX-License-Identifier: ISC */
#include "lib/conf/param.h"

#define PARAM_MEMBER_STR const char *
#define PARAM_MEMBER_RAW const char *
#define PARAM_MEMBER_INT int64_t
#define PARAM_MEMBER_BOOL bool
#define PARAM_MEMBER_TIME int64_t
#define PARAM_MEMBER_SIZE int64_t
#define PARAM_MEMBER_LIST struct str_list
#define PARAM_MEMBER_MATCH struct str_list
#define PARAM_PASTE_(a, b) a##b
#define PARAM_PASTE(a, b) PARAM_PASTE_(a, b)

#define PARAM(type, name, def, lo, hi, doc) PARAM_MEMBER_##type name;
#define PARAM_NAMED(type, member, name, def, lo, hi, doc) PARAM_MEMBER_##type member;
struct PARAMS_STRUCT {
#include PARAMS_FILE
};
#undef PARAM
#undef PARAM_NAMED

#define PARAM(type, name, def, lo, hi, doc) \
	{ PARAM_##type, #name, def, lo, hi, doc, offsetof(struct PARAMS_STRUCT, name), \
	  __FILE__ },
#define PARAM_NAMED(type, member, name, def, lo, hi, doc) \
	{ PARAM_##type, name, def, lo, hi, doc, offsetof(struct PARAMS_STRUCT, member), __FILE__ },
static const struct param_spec PARAM_PASTE(PARAMS_STRUCT, _specs)[] = {
#include PARAMS_FILE
};
#undef PARAM
#undef PARAM_NAMED

#define PARAM(type, name, def, lo, hi, doc) +1
#define PARAM_NAMED(type, member, name, def, lo, hi, doc) +1
enum { PARAM_PASTE(PARAMS_STRUCT, _count) = 0
#include PARAMS_FILE
};
#undef PARAM
#undef PARAM_NAMED

#undef PARAM_PASTE
#undef PARAM_PASTE_
#undef PARAM_MEMBER_STR
#undef PARAM_MEMBER_RAW
#undef PARAM_MEMBER_INT
#undef PARAM_MEMBER_BOOL
#undef PARAM_MEMBER_TIME
#undef PARAM_MEMBER_SIZE
#undef PARAM_MEMBER_LIST
#undef PARAM_MEMBER_MATCH
#undef PARAMS_STRUCT
#undef PARAMS_FILE
