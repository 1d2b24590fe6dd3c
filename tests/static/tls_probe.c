/*
 * One HTTPS GET with the libcurl and OpenSSL that the agent ships.
 *
 *   tls_probe URL [--ca FILE] [--pin sha256//...] [--insecure]
 *
 * Exits with curl's result code (0 ok, 35 TLS, 60 not trusted, 90 wrong pin),
 * or 100 if the probe itself could not be set up.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SETUP_FAILED = 100, TIMEOUT_S = 10 };

static size_t discard(char *data, size_t size, size_t count, void *unused)
{
	(void)data;
	(void)unused;
	return size * count;
}

/* Option and argument; an option that curl refuses must stop the probe. */
static int set_from_args(CURL *curl, int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		CURLcode rc = CURLE_BAD_FUNCTION_ARGUMENT;

		if (strcmp(argv[i], "--insecure") == 0) {
			rc = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
			if (rc == CURLE_OK)
				rc = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
		} else if (strcmp(argv[i], "--ca") == 0 && i + 1 < argc) {
			rc = curl_easy_setopt(curl, CURLOPT_CAINFO, argv[++i]);
		} else if (strcmp(argv[i], "--pin") == 0 && i + 1 < argc) {
			rc = curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, argv[++i]);
		}
		if (rc != CURLE_OK) {
			fprintf(stderr, "tls_probe: cannot set %s\n", argv[i]);
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	char message[CURL_ERROR_SIZE] = "";
	CURL *curl;
	CURLcode rc;

	if (argc < 2) {
		fprintf(stderr, "usage: tls_probe URL [--ca FILE] [--pin PIN] [--insecure]\n");
		return SETUP_FAILED;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return SETUP_FAILED;
	curl = curl_easy_init();
	if (!curl)
		return SETUP_FAILED;

	if (curl_easy_setopt(curl, CURLOPT_URL, argv[1]) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard) != CURLE_OK || set_from_args(curl, argc, argv) != 0)
		return SETUP_FAILED;

	rc = curl_easy_perform(curl);
	if (rc != CURLE_OK)
		fprintf(stderr, "tls_probe: rc %d: %s\n", (int)rc, message);
	curl_easy_cleanup(curl);
	curl_global_cleanup();
	return (int)rc;
}
