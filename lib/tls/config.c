/* SPDX-License-Identifier: ISC */
#include "lib/tls/config.h"

#define PARAMS_STRUCT tls_params
#define PARAMS_FILE "lib/tls/params.def"
#include "lib/conf/param_struct.h"

enum rc tls_config_shared(const struct conf *c, struct arena *arena,
			  struct tls_server_config *config, struct faults *faults,
			  struct err *err)
{
	struct slice grade = slice_str(config->cipher_grade);
	struct tls_params p;

	params_load(tls_params_specs, tls_params_count, c, arena, &p, faults);
	config->prefer_server_ciphers = p.tls_preempt_cipherlist;
	config->curves = p.tls_eecdh_auto_curves;
	if (slice_iis(grade, "high"))
		config->cipherlist = p.tls_high_cipherlist;
	else if (slice_iis(grade, "medium"))
		config->cipherlist = p.tls_medium_cipherlist;
	else if (slice_iis(grade, "low") || slice_iis(grade, "export"))
		config->cipherlist = p.tls_low_cipherlist;
	else if (slice_iis(grade, "null"))
		config->cipherlist = p.tls_null_cipherlist;
	else
		return err_set(err, RC_SYNTAX, "unknown cipher grade \"%s\"", config->cipher_grade);
	return RC_OK;
}

enum rc tls_config_add_chain(struct tls_server_config *config, const char *cert_file,
			     const char *key_file)
{
	if (cert_file == NULL || cert_file[0] == '\0')
		return RC_OK;
	if (config->n_chains == TLS_CHAINS_MAX)
		return RC_LIMIT;
	config->chains[config->n_chains++] = (struct tls_chain){ cert_file, key_file };
	return RC_OK;
}
