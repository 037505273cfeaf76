/* SPDX-License-Identifier: ISC */
#include "lib/tls/info.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "lib/tls/tls_int.h"

static void read_kex(SSL *ssl, struct tls_info *out)
{
	EVP_PKEY *peer = NULL;
	char group[40] = "";

	if (SSL_version(ssl) != TLS1_3_VERSION || SSL_get_peer_tmp_key(ssl, &peer) != 1)
		return;
	switch (EVP_PKEY_get_base_id(peer)) {
	case EVP_PKEY_EC:
		EVP_PKEY_get_group_name(peer, group, sizeof(group), NULL);
		snprintf(out->kex, sizeof(out->kex), "ECDHE%s%s%s", group[0] != '\0' ? " (" : "",
			 group, group[0] != '\0' ? ")" : "");
		break;
	case EVP_PKEY_DH:
		snprintf(out->kex, sizeof(out->kex), "DHE (%d bits)", EVP_PKEY_get_bits(peer));
		break;
	default:
		snprintf(out->kex, sizeof(out->kex), "%s",
			 OBJ_nid2sn(EVP_PKEY_get_base_id(peer)));
	}
	EVP_PKEY_free(peer);
}

static void read_signature(SSL *ssl, struct tls_info *out)
{
	X509 *cert = SSL_get_certificate(ssl);
	EVP_PKEY *key = cert != NULL ? X509_get0_pubkey(cert) : NULL;
	char group[40] = "";
	int nid = NID_undef;

	if (SSL_version(ssl) != TLS1_3_VERSION || key == NULL || SSL_session_reused(ssl))
		return;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		snprintf(out->signature, sizeof(out->signature), "RSA-PSS (%d bits)",
			 EVP_PKEY_get_bits(key));
		break;
	case EVP_PKEY_EC:
		EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
		snprintf(out->signature, sizeof(out->signature), "ECDSA (%s)", group);
		break;
	default:
		snprintf(out->signature, sizeof(out->signature), "%s",
			 OBJ_nid2sn(EVP_PKEY_get_base_id(key)));
		return;
	}
	if (SSL_get_signature_nid(ssl, &nid) == 1 && nid != NID_undef)
		snprintf(out->digest, sizeof(out->digest), "%s", OBJ_nid2sn(nid));
}

void tls_filter_info(const struct conn_filter *filter, struct tls_info *out)
{
	const struct tls_filter *t =
		LIST_ENTRY((uintptr_t)filter, const struct tls_filter, base);
	const SSL_CIPHER *cipher = SSL_get_current_cipher(t->ssl);

	*out = (struct tls_info){ .resumed = SSL_session_reused(t->ssl) == 1 };
	snprintf(out->protocol, sizeof(out->protocol), "%s", SSL_get_version(t->ssl));
	if (cipher != NULL) {
		snprintf(out->cipher, sizeof(out->cipher), "%s", SSL_CIPHER_get_name(cipher));
		out->bits = SSL_CIPHER_get_bits(cipher, &out->alg_bits);
	}
	read_kex(t->ssl, out);
	read_signature(t->ssl, out);
}

void tls_info_print(const struct tls_info *info, struct buf *out)
{
	buf_addf(out, "%s with cipher %s (%d/%d bits)", info->protocol, info->cipher, info->bits,
		 info->alg_bits);
	if (info->kex[0] != '\0')
		buf_addf(out, " key-exchange %s", info->kex);
	if (info->signature[0] != '\0')
		buf_addf(out, " server-signature %s", info->signature);
	if (info->digest[0] != '\0')
		buf_addf(out, " server-digest %s", info->digest);
}
