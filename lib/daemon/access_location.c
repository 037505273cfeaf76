/* SPDX-License-Identifier: ISC */
#include "lib/daemon/access.h"
#include "lib/store/store.h"

/* The user database may say something else for a user; then his session fails, and says why. */
void access_check_location(struct daemon *d, struct faults *faults)
{
	struct err err = { 0 };
	struct buf value;

	buf_init(&value, 4096);
	if (conf_expand_name(daemon_conf(d), SLICE_LIT("mail_location"), &value, &err) == RC_OK &&
	    store_location_check(buf_cstr(&value), &err) != RC_OK)
		faults_add(faults, true, NULL, 0, "for example: maildir:~/Maildir",
			   "mail_location: %s", err.text);
	buf_done(&value);
}
