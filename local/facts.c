/* SPDX-License-Identifier: ISC */
#include "local/facts.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/ipc/localworker.h"

enum { FACTS_MAX = 10000 };

/* --- the cache of users --- */

struct cached_user {
	struct user_info info;	/* strings behind the struct */
	int64_t until_ms;
};

void user_cache_init(struct user_cache *c, struct loop *loop)
{
	c->loop = loop;
	hash_init(&c->users, USER_CACHE_MAX, false);
}

static void cache_clear(struct user_cache *c)
{
	size_t pos = 0;
	struct slice key;
	void *value;

	while (hash_next(&c->users, &pos, &key, &value))
		free(value);
	hash_clear(&c->users);
}

static struct slice pack(char **at, struct slice s)
{
	struct slice r = { *at, s.n };

	memcpy(*at, s.n > 0 ? s.p : "", s.n);
	*at += s.n + 1;
	return r;
}

static void cache_put(struct user_cache *c, struct slice key, const struct user_info *info)
{
	struct cached_user *u = mem_new(1, sizeof(*u) + info->name.n + info->home.n +
						   info->shell.n + 3);
	char *at = (char *)(u + 1);
	void *old = NULL;

	u->info = *info;
	u->info.name = pack(&at, info->name);
	u->info.home = pack(&at, info->home);
	u->info.shell = pack(&at, info->shell);
	u->until_ms = loop_now_ms(c->loop) + USER_CACHE_MS;
	if (hash_put(&c->users, key, u, &old) != RC_OK) {
		cache_clear(c);
		free(u);
	}
	free(old);
}

static const struct user_info *cache_get(const struct user_cache *c, struct slice key)
{
	struct cached_user *u = hash_get(&c->users, key);

	return u != NULL && u->until_ms > loop_now_ms(c->loop) ? &u->info : NULL;
}

/* --- facts --- */

enum fact_state { FACT_ASKED, FACT_OK, FACT_NONE, FACT_REFUSED, FACT_FAILED, FACT_TOO_MUCH };

struct user_fact {
	struct user_query query;
	struct facts *facts;
	struct slice name;
	enum fact_state state;
	struct user_info info;
	struct slice reason;
};

struct file_fact {
	struct work work;
	struct facts *facts;
	enum fact_state state;
	struct target_list targets;
	struct slice reason;
};

static void check_ready(struct facts *f)
{
	if (f->pending == 0 && f->memo.pending == 0)
		f->on_ready(f);
}

static void on_memo_ready(struct table_memo *m)
{
	check_ready(m->owner);
}

void facts_init(struct facts *f, struct arena *arena, struct workers *ws,
		struct user_cache *cache, void (*on_ready)(struct facts *), void *owner)
{
	*f = (struct facts){ .arena = arena, .workers = ws, .cache = cache, .on_ready = on_ready,
			     .owner = owner };
	hash_init(&f->users, FACTS_MAX, false);
	hash_init(&f->files, FACTS_MAX, false);
	table_memo_init(&f->memo, arena, on_memo_ready, f);
}

void facts_done(struct facts *f)
{
	size_t pos = 0;
	struct slice key;
	void *value;

	table_memo_done(&f->memo);
	while (hash_next(&f->users, &pos, &key, &value)) {
		struct user_fact *u = value;

		if (u->state == FACT_ASKED)
			user_query_cancel(&u->query);
	}
	for (pos = 0; hash_next(&f->files, &pos, &key, &value);) {
		struct file_fact *t = value;

		if (t->state == FACT_ASKED)
			work_cancel(&t->work);
	}
	hash_done(&f->users);
	hash_done(&f->files);
}

/* RC_LIMIT ends the expansion: the recipient asks for too much. */
static void *new_fact(struct facts *f, struct hash *h, struct slice key, size_t size)
{
	void *fact = arena_alloc(f->arena, size);

	if (fact == NULL || hash_put(h, key, fact, NULL) != RC_OK)
		return NULL;
	return fact;
}

static enum rc state_rc(enum fact_state state, struct slice reason, struct err *err)
{
	switch (state) {
	case FACT_ASKED: return RC_MORE;
	case FACT_OK: return RC_OK;
	case FACT_NONE: return RC_END;
	case FACT_REFUSED: return err_set(err, RC_DENIED, "%.*s", SLICE_ARG(reason));
	case FACT_FAILED: return err_set(err, RC_TEMP, "%.*s", SLICE_ARG(reason));
	case FACT_TOO_MUCH: return err_set(err, RC_LIMIT, "%.*s", SLICE_ARG(reason));
	}
	return RC_TEMP;
}

static void set_user(struct user_fact *u, const struct user_info *info)
{
	struct arena *a = u->facts->arena;

	u->info = *info;
	u->info.name = arena_slice(a, info->name);
	u->info.home = arena_slice(a, info->home);
	u->info.shell = arena_slice(a, info->shell);
	u->state = u->info.shell.p != NULL ? FACT_OK : FACT_FAILED;
}

static void on_user(struct user_query *q, enum rc rc, const struct user_info *info,
		    struct slice reason)
{
	struct user_fact *u = LIST_ENTRY(q, struct user_fact, query);

	if (rc == RC_OK) {
		cache_put(u->facts->cache, u->name, info);
		set_user(u, info);
	} else {
		u->state = rc == RC_END ? FACT_NONE : FACT_FAILED;
		u->reason = arena_slice(u->facts->arena, reason);
	}
	u->facts->pending--;
	check_ready(u->facts);
}

/* NAME is a user's, or a path that belongs to one: names do not begin with '/'. */
static enum rc find_user(struct facts *f, struct slice name, const struct user_info **ret,
			 struct err *err)
{
	struct user_fact *u = hash_get(&f->users, name);
	const struct user_info *cached;
	enum rc rc;

	if (u == NULL) {
		u = new_fact(f, &f->users, name, sizeof(*u));
		if (u == NULL)
			return err_set(err, RC_LIMIT, "too many users in one alias");
		u->facts = f;
		u->name = arena_slice(f->arena, name);
		u->query.on_user = on_user;
		cached = cache_get(f->cache, name);
		if (cached != NULL) {
			set_user(u, cached);
		} else {
			f->pending++;
			workers_ask_user(f->workers, name, &u->query);
		}
	}
	rc = state_rc(u->state, u->reason, err);
	if (rc == RC_OK)
		*ret = &u->info;
	return rc;
}

enum rc facts_user(struct facts *f, struct slice name, const struct user_info **ret,
		   struct err *err)
{
	if (name.n > 0 && name.p[0] == '/')
		return RC_END;
	return find_user(f, name, ret, err);
}

enum rc facts_owner(struct facts *f, struct slice path, const struct user_info **ret,
		    struct err *err)
{
	if (path.n == 0 || path.p[0] != '/')
		return RC_END;
	return find_user(f, path, ret, err);
}

/* All of the file FD, which is in memory; false when there is no room for it. */
static bool read_file(struct facts *f, int fd, struct slice *out)
{
	struct stat st;
	char *mem;

	if (fstat(fd, &st) != 0 || st.st_size > FACTS_FILE_MAX)
		return false;
	f->file_bytes += (size_t)st.st_size;
	mem = f->file_bytes <= FACTS_FILE_MAX ? arena_alloc(f->arena, (size_t)st.st_size + 1) : NULL;
	if (mem == NULL || pread(fd, mem, (size_t)st.st_size, 0) != st.st_size)
		return false;
	*out = slice_make(mem, (size_t)st.st_size);
	return true;
}

static void on_opened(struct work *w, int fd, unsigned code, struct slice text)
{
	struct file_fact *t = LIST_ENTRY(w, struct file_fact, work);
	struct facts *f = t->facts;
	struct slice content;

	if (fd >= 0) {
		t->reason = SLICE_LIT("a .forward or :include: file holds too much");
		if (!read_file(f, fd, &content))
			t->state = FACT_FAILED;
		else
			t->state = alias_parse_file(content, f->arena, &t->targets) == RC_OK
					   ? FACT_OK : FACT_TOO_MUCH;
		close(fd);
	} else {
		t->state = code == WORK_OPEN_NONE ? FACT_NONE : code == WORK_OPEN_REFUSED ?
			   FACT_REFUSED : FACT_FAILED;
		t->reason = arena_slice(f->arena, text);
	}
	f->pending--;
	check_ready(f);
}

/* The worker of the home directory is the one that is there anyway; a file elsewhere needs one for
 * its directory. */
static void ask_file(struct facts *f, struct file_fact *t, const struct user_info *as,
		     struct slice path, unsigned what)
{
	size_t slash = (size_t)slice_rchr(path, '/');
	bool in_home = what == WORK_HOME ||
		       (what == WORK_FORWARD && as->home.n > 1 && slice_starts(path, as->home) &&
			slash >= as->home.n && path.p[as->home.n] == '/');
	struct worker_key key = { .kind = in_home ? WORKER_HOME : WORKER_FILE, .user = as->name,
				  .uid = as->uid, .gid = as->gid,
				  .dir = in_home ? as->home
						 : slice_sub(path, 0, slash > 0 ? slash : 1) };
	struct ipc_packet *k = ipc_packet_new(work_open_type);

	t->facts = f;
	t->work.on_opened = on_opened;
	t->work.id = workers_next_id(f->workers);
	work_open_put(&k, &(struct work_open){ .id = t->work.id, .path = path,
					       .what = (uint8_t)what });
	f->pending++;
	workers_submit(f->workers, &key, &t->work, k);
}

static enum rc find_file(struct facts *f, const struct user_info *as, struct slice path,
			 unsigned what, const struct file_fact **ret, struct err *err)
{
	struct file_fact *t;
	struct buf key;

	if (path.n == 0 || path.p[0] != '/' || path.n > 4000 || slice_has_nul(path))
		return err_set(err, RC_DENIED, "file %.*s: not an absolute path", SLICE_ARG(path));
	buf_init(&key, 5000);
	buf_addf(&key, "%.*s %u ", SLICE_ARG(as->name), what);
	buf_add(&key, path);
	t = hash_get(&f->files, buf_slice(&key));
	if (t == NULL) {
		t = new_fact(f, &f->files, buf_slice(&key), sizeof(*t));
		if (t != NULL)
			ask_file(f, t, as, path, what);
	}
	buf_done(&key);
	if (t == NULL)
		return err_set(err, RC_LIMIT, "too many files in one alias");
	*ret = t;
	return state_rc(t->state, t->reason, err);
}

enum rc facts_file(struct facts *f, const struct user_info *as, struct slice path,
		   bool is_forward, const struct target_list **ret, struct err *err)
{
	const struct file_fact *t;
	enum rc rc = find_file(f, as, path, is_forward ? WORK_FORWARD : WORK_INCLUDE, &t, err);

	if (rc == RC_OK)
		*ret = &t->targets;
	return rc;
}

enum rc facts_home(struct facts *f, const struct user_info *user, struct err *err)
{
	const struct file_fact *t;
	enum rc rc = find_file(f, user, user->home, WORK_HOME, &t, err);

	return rc == RC_DENIED ? RC_TEMP : rc;
}
