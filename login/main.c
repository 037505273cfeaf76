/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "lib/sys/log.h"
#include "lib/tls/config.h"
#include "login/session.h"

static struct login_params params;
static struct login the_login;
static struct tls_server *tls;
static enum login_tls tls_level;

/* The name in master.cf is the protocol. */
static const struct proto *proto_of(const char *program)
{
	return strcmp(program, "pop3-login") == 0 ? &proto_pop3 : &proto_imap;
}

static bool read_level(struct faults *faults)
{
	static const char *const names[] = {
		[LOGIN_TLS_NONE] = "none", [LOGIN_TLS_MAY] = "may",
		[LOGIN_TLS_ENCRYPT] = "encrypt",
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(params.login_tls_security_level, names[i]) == 0) {
			tls_level = (enum login_tls)i;
			return true;
		}
	}
	faults_add(faults, true, "main.cf", 0, "none, may or encrypt",
		   "login_tls_security_level: unknown level \"%s\"",
		   params.login_tls_security_level);
	return false;
}

static void make_tls(struct daemon *d, struct faults *faults)
{
	struct tls_server_config config = {
		.protocols = params.login_tls_protocols, .cipher_grade = params.login_tls_ciphers,
		.exclude_ciphers = params.login_tls_exclude_ciphers,
	};
	struct err err = { 0 };

	if (tls_config_add_chain(&config, params.login_tls_cert_file,
				 params.login_tls_key_file) != RC_OK ||
	    tls_config_shared(daemon_conf(d), daemon_arena(d), &config, faults, &err) != RC_OK ||
	    tls_server_new(&config, &tls, &err) != RC_OK)
		faults_add(faults, true, "main.cf", 0,
			   "see login_tls_cert_file and login_tls_key_file",
			   "login_tls_cert_file: %s", err.text);
}

static void prepare(struct daemon *d, struct faults *faults)
{
	log_as_dovecot(daemon_program(d));
	if (!read_level(faults) || tls_level == LOGIN_TLS_NONE) {
		if (params.login_tls_wrappermode)
			faults_add(faults, true, "main.cf", 0, "may or encrypt",
				   "login_tls_wrappermode: needs a login_tls_security_level");
		return;
	}
	if (params.login_tls_cert_file[0] != '\0')
		make_tls(d, faults);
	else if (params.login_tls_wrappermode || tls_level == LOGIN_TLS_ENCRYPT)
		faults_add(faults, true, "main.cf", 0, "set login_tls_cert_file",
			   "%s without a certificate", params.login_tls_wrappermode
			   ? "login_tls_wrappermode: TLS" : "login_tls_security_level: encrypt");
}

static enum rc start(struct daemon *d, struct err *err)
{
	(void)err;
	login_init(&the_login, d, daemon_loop(d), &params, proto_of(daemon_program(d)), tls_level,
		   tls);
	peer_start(&the_login.auth);
	return RC_OK;
}

static void on_accept(struct daemon *d, int fd, const struct listener *l)
{
	(void)d;
	(void)l;
	session_new(&the_login, fd);
}

static void on_ticket_keys(struct daemon *d, const void *keys, size_t n)
{
	(void)d;
	if (tls != NULL && n == sizeof(struct ticket_keys))
		tls_server_set_ticket_keys(tls, keys);
}

int main(int argc, char **argv)
{
	const struct daemon_spec spec = {
		.name = "login",
		.params = login_params_specs, .n_params = login_params_count, .params_out = &params,
		.prepare = prepare, .start = start, .on_accept = on_accept,
		.on_ticket_keys = on_ticket_keys,
	};

	return daemon_main(argc, argv, &spec);
}
