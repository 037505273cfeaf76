/* SPDX-License-Identifier: ISC */
#include "auth/ids.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

enum { IDS_MAX = 65536, ID_NAME_MAX = 64 };

struct ids {
	struct hash users, groups;	/* name to a heap uint32_t */
	bool is_confined;
};

struct ids *ids_new(void)
{
	struct ids *ids = mem_new(1, sizeof(*ids));

	hash_init(&ids->users, IDS_MAX, false);
	hash_init(&ids->groups, IDS_MAX, false);
	return ids;
}

static void forget(struct hash *t)
{
	struct slice key;
	size_t pos = 0;
	void *v;

	while (hash_next(t, &pos, &key, &v))
		free(v);
	hash_done(t);
}

void ids_free(struct ids **ids)
{
	if (*ids == NULL)
		return;
	forget(&(*ids)->users);
	forget(&(*ids)->groups);
	free(*ids);
	*ids = NULL;
}

void ids_are_confined(struct ids *ids)
{
	ids->is_confined = true;
}

static bool user_in_file(const char *name, uint32_t *out)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *p;
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && (p = fgetpwent(f)) != NULL) {
		found = strcmp(p->pw_name, name) == 0;
		*out = p->pw_uid;
	}
	fclose(f);
	return found;
}

static bool group_in_file(const char *name, uint32_t *out)
{
	FILE *f = fopen("/etc/group", "re");
	struct group *g;
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && (g = fgetgrent(f)) != NULL) {
		found = strcmp(g->gr_name, name) == 0;
		*out = g->gr_gid;
	}
	fclose(f);
	return found;
}

static bool find_user(const struct ids *ids, const char *name, uint32_t *out)
{
	struct passwd *p;

	if (ids->is_confined)
		return user_in_file(name, out);
	p = getpwnam(name);
	if (p != NULL)
		*out = p->pw_uid;
	return p != NULL;
}

static bool find_group(const struct ids *ids, const char *name, uint32_t *out)
{
	struct group *g;

	if (ids->is_confined)
		return group_in_file(name, out);
	g = getgrnam(name);
	if (g != NULL)
		*out = g->gr_gid;
	return g != NULL;
}

/* All ones is the kernel's word for "no id". */
static enum rc id_of(struct ids *ids, struct hash *known, struct slice text,
		     bool (*find)(const struct ids *, const char *, uint32_t *), uint32_t *out)
{
	char name[ID_NAME_MAX + 1];
	uint32_t *kept = hash_get(known, text);

	if (num_u32(text, UINT32_MAX - 1, out) == RC_OK)
		return RC_OK;
	if (kept != NULL) {
		*out = *kept;
		return RC_OK;
	}
	if (text.n == 0 || !slice_to_cstr(text, name, sizeof(name)) || !find(ids, name, out))
		return RC_SYNTAX;
	kept = mem_new(1, sizeof(*kept));
	*kept = *out;
	if (hash_put(known, text, kept, NULL) != RC_OK)
		free(kept);
	return RC_OK;
}

enum rc ids_uid(struct ids *ids, struct slice text, uid_t *out)
{
	return id_of(ids, &ids->users, text, find_user, out);
}

enum rc ids_gid(struct ids *ids, struct slice text, gid_t *out)
{
	return id_of(ids, &ids->groups, text, find_group, out);
}
