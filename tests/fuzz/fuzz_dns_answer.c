/* DNS answers on arbitrary bytes: records are bounded, names are host names. Hosts files too. */
/* SPDX-License-Identifier: ISC */
#include <assert.h>

#include "resolver/answer.h"
#include "resolver/hosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *ctx, const struct answer_record *r)
{
	uint16_t type = *(const uint16_t *)ctx;

	assert(r->n <= ANSWER_DATA_MAX);
	if (type == DNS_PTR || type == DNS_NS)
		assert(answer_is_host_name(slice_make(r->data, r->n)));
	if (type == DNS_A)
		assert(slice_chr(slice_make(r->data, r->n), ':') < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = { DNS_A, DNS_NS, DNS_PTR, DNS_MX, DNS_TXT, DNS_AAAA,
					  DNS_TLSA };
	struct arena a;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		uint16_t type = types[i];
		unsigned rcode, count;
		enum rc rc = answer_parse(slice_make(data, size), type, take, &type, &rcode, &count);

		assert(rc == RC_OK || rc == RC_SYNTAX);
		assert(count <= ANSWER_RECORDS_MAX);
	}
	arena_init(&a, 1 << 20);
	for (struct host *h = hosts_parse(slice_make(data, size), &a); h != NULL; h = h->next)
		assert(answer_is_host_name(h->name) && h->address.n > 1);
	arena_done(&a);
	return 0;
}
