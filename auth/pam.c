/* SPDX-License-Identifier: ISC */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/worker_job.h"
#include "lib/base/mem.h"

/* What the conversation may answer, and what PAM said that explains a refusal. */
struct talk {
	const char *user, *password;
	char *text;		/* PAM_TEXT_MAX bytes */
};

static char *answer_to(const struct talk *t, const struct pam_message *m)
{
	if (m->msg_style == PAM_PROMPT_ECHO_OFF)
		return strdup(t->password);
	if (m->msg_style == PAM_PROMPT_ECHO_ON)
		return strdup(t->user);
	if (m->msg_style == PAM_ERROR_MSG && m->msg != NULL)
		snprintf(t->text, PAM_TEXT_MAX, "%s", m->msg);
	return NULL;
}

static void free_replies(struct pam_response *v, int n)
{
	for (int i = 0; i < n; i++) {
		if (v[i].resp != NULL)
			mem_wipe(v[i].resp, strlen(v[i].resp));
		free(v[i].resp);
	}
	free(v);
}

static int converse(int n, const struct pam_message **messages, struct pam_response **out,
		    void *ctx)
{
	struct talk *t = ctx;
	struct pam_response *v;

	if (n <= 0 || n > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	v = mem_new((size_t)n, sizeof(*v));
	for (int i = 0; i < n; i++) {
		bool wants = messages[i]->msg_style == PAM_PROMPT_ECHO_OFF ||
			     messages[i]->msg_style == PAM_PROMPT_ECHO_ON;

		v[i].resp = answer_to(t, messages[i]);
		if (wants && v[i].resp == NULL) {
			free_replies(v, n);
			return PAM_BUF_ERR;
		}
	}
	*out = v;
	return PAM_SUCCESS;
}

/* auth holds failures back itself, without keeping a process for it. */
static void no_delay(int status, unsigned usec, void *ctx)
{
	(void)status;
	(void)usec;
	(void)ctx;
}

static unsigned code_of(int status)
{
	switch (status) {
	case PAM_SUCCESS: return WORKER_YES;
	case PAM_USER_UNKNOWN: return WORKER_UNKNOWN;
	case PAM_AUTH_ERR:
	case PAM_CRED_INSUFFICIENT:
	case PAM_MAXTRIES:
	case PAM_PERM_DENIED: return WORKER_NO;
	case PAM_ACCT_EXPIRED: return WORKER_DISABLED;
	case PAM_NEW_AUTHTOK_REQD:
	case PAM_CRED_EXPIRED: return WORKER_EXPIRED;
	default: return WORKER_TEMP;
	}
}

static void set_items(pam_handle_t *h, const char *remote_addr)
{
	union {
		void (*fn)(int, unsigned, void *);
		const void *item;
	} delay = { .fn = no_delay };

	(void)pam_set_item(h, PAM_FAIL_DELAY, delay.item);
	if (remote_addr[0] != '\0')
		(void)pam_set_item(h, PAM_RHOST, remote_addr);
	(void)pam_set_item(h, PAM_TTY, "dovecot");	/* what rules of the time before test for */
}

/* A module may have given the user another name (LDAP, Kerberos). */
static int run(pam_handle_t *h, struct pam_mem *mem, const char **ret_step)
{
	const void *name = NULL;
	int status;

	*ret_step = "pam_authenticate";
	status = pam_authenticate(h, 0);
	if (status != PAM_SUCCESS)
		return status;
	*ret_step = "pam_acct_mgmt";
	status = pam_acct_mgmt(h, 0);
	if (status == PAM_SUCCESS && pam_get_item(h, PAM_USER, &name) == PAM_SUCCESS &&
	    name != NULL && strlen(name) < sizeof(mem->user))
		snprintf(mem->user, sizeof(mem->user), "%s", (const char *)name);
	return status;
}

/* Dovecot's words, which fail2ban looks for. */
static void explain(pam_handle_t *h, const char *step, int status, const char *text, char out[256])
{
	const char *what = pam_strerror(h, status);

	if (status == PAM_AUTH_ERR && strcmp(step, "pam_authenticate") == 0)
		snprintf(out, 256, "%s() failed: %.150s (Password mismatch?)", step, what);
	else
		snprintf(out, 256, "%s() failed: %.100s%s%.120s", step, what,
			 text[0] != '\0' ? ": " : "", text);
}

static void ask(const char *service, struct talk *t, const char *remote_addr, struct pam_mem *mem,
		struct worker_result *out)
{
	const struct pam_conv conv = { converse, t };
	const char *step = "pam_start";
	pam_handle_t *h = NULL;
	int status = pam_start(service, t->user, &conv, &h);

	if (status == PAM_SUCCESS) {
		set_items(h, remote_addr);
		status = run(h, mem, &step);
	}
	out->code = (uint8_t)code_of(status);
	if (status != PAM_SUCCESS)
		explain(h, step, status, t->text, mem->reason);
	if (h != NULL)
		(void)pam_end(h, status);
}

void worker_ask_pam(const struct worker_pam *m, struct pam_mem *mem, struct worker_result *out)
{
	char service[65], user[257], password[1025], remote_addr[65], text[PAM_TEXT_MAX] = "";
	struct talk t = { user, password, text };

	if (!slice_to_cstr(m->service, service, sizeof(service)) ||
	    strchr(service, '/') != NULL || !slice_to_cstr(m->user, user, sizeof(user)) ||
	    !slice_to_cstr(m->password, password, sizeof(password)) ||
	    !slice_to_cstr(m->remote_addr, remote_addr, sizeof(remote_addr)))
		out->code = WORKER_NO;
	else
		ask(service, &t, remote_addr, mem, out);
	mem_wipe(password, sizeof(password));
	out->user = slice_str(mem->user);
	out->reason = slice_str(mem->reason);
}
