/* SPDX-License-Identifier: ISC */
#include "auth/worker_job.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/sasl/password.h"

typedef enum rc answer_fn(int fd, struct ipc_reader *r, struct err *err);

static enum rc send_result(int fd, uint32_t id, unsigned code, const char *reason, struct err *err)
{
	const struct worker_result m = { .id = id, .code = (uint8_t)code,
					 .reason = slice_sub(slice_str(reason), 0, 256) };

	return worker_result_sync(fd, &m, err);
}

static enum rc answer_verify(int fd, struct ipc_reader *r, struct err *err)
{
	struct worker_verify m;
	struct password p;
	struct err why = { 0 };
	unsigned code = WORKER_TEMP;
	enum rc rc;

	if (worker_verify_get(r, &m) != RC_OK)
		return err_set(err, RC_SYNTAX, "malformed request");
	rc = password_parse(m.stored, m.scheme, &p, &why);
	if (rc == RC_OK)
		rc = password_verify(&p, m.password, &why);
	if (rc == RC_OK)
		code = WORKER_YES;
	else if (rc == RC_DENIED)
		code = WORKER_NO;
	return send_result(fd, m.id, code, why.text, err);
}

static enum rc answer_pam(int fd, struct ipc_reader *r, struct err *err)
{
	struct worker_result out = { 0 };
	struct worker_pam m;
	struct pam_mem mem = { 0 };

	if (worker_pam_get(r, &m) != RC_OK)
		return err_set(err, RC_SYNTAX, "malformed request");
	worker_ask_pam(&m, &mem, &out);
	out.id = m.id;
	return worker_result_sync(fd, &out, err);
}

/* getpwnam_r() says "nobody" in as many ways as there are modules. */
static bool means_unknown(int number)
{
	return number == 0 || number == ENOENT || number == ESRCH || number == EBADF ||
	       number == EPERM;
}

static enum rc answer_user(int fd, struct ipc_reader *r, struct err *err)
{
	char name[257], mem[16384];
	struct worker_user m;
	struct passwd pw, *found = NULL;
	int number;

	if (worker_user_get(r, &m) != RC_OK)
		return err_set(err, RC_SYNTAX, "malformed request");
	if (!slice_to_cstr(m.user, name, sizeof(name)))
		return send_result(fd, m.id, WORKER_UNKNOWN, "", err);
	number = getpwnam_r(name, &pw, mem, sizeof(mem), &found);
	if (found == NULL)
		return send_result(fd, m.id, means_unknown(number) ? WORKER_UNKNOWN : WORKER_TEMP,
				   number != 0 ? strerror(number) : "", err);
	return worker_user_found_sync(fd, &(struct worker_user_found){
		.id = m.id, .user = slice_str(pw.pw_name), .uid = pw.pw_uid, .gid = pw.pw_gid,
		.home = slice_sub(slice_str(pw.pw_dir), 0, 1024) }, err);
}

/* One request after the other; *RET_TYPE_OK tells which types the process answers. */
static int serve(int fd, answer_fn *(*pick)(uint16_t type))
{
	struct ipc_inbox box;
	struct err err = { 0 };
	enum rc rc = ipc_sync_hello(fd, &authworker_proto, 30000, &err);

	while (rc == RC_OK) {
		struct ipc_reader r;
		answer_fn *answer;

		rc = ipc_sync_recv(fd, &box, &r, -1, &err);
		if (rc != RC_OK)
			break;
		answer = pick(r.type);
		rc = answer != NULL ? answer(fd, &r, &err) : RC_SYNTAX;
		ipc_reader_done(&r);
		mem_wipe(&box, sizeof(box));
	}
	return rc == RC_END ? 0 : 1;
}

static answer_fn *pick_hash(uint16_t type)
{
	return type == worker_verify_type ? answer_verify : NULL;
}

static answer_fn *pick_system(uint16_t type)
{
	return type == worker_pam_type ? answer_pam : type == worker_user_type ? answer_user : NULL;
}

int worker_hash_run(void *arg, int *fds, size_t n_fds)
{
	(void)arg;
	(void)n_fds;
	return serve(fds[0], pick_hash);
}

int worker_system_run(void *arg, int *fds, size_t n_fds)
{
	(void)arg;
	(void)n_fds;
	return serve(fds[0], pick_system);
}
