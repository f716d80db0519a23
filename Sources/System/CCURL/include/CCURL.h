// A door to libcurl, which is loaded when the first file is fetched: it brings some thirty libraries with
// it, and loading them takes ten milliseconds that a start with a cached file has no use for.
//
// libcurl also sets options through variadic functions, which Swift cannot call; here is one for each kind.
#pragma once
#if !__has_include(<curl/curl.h>)
#error "The headers of libcurl are missing: sudo apt-get install libcurl4-openssl-dev (README.md lists all that Keras for Swift needs)"
#endif
#include <curl/curl.h>
#include <stdbool.h>

/// Loads and prepares libcurl; to be called once, before anything else. False when it is not installed.
bool ccurl_load(void);

void *ccurl_init(void);
void ccurl_cleanup(void *handle);
CURLcode ccurl_perform(void *handle);
const char *ccurl_message(CURLcode code);

void ccurl_set_long(void *handle, CURLoption option, long value);
void ccurl_set_text(void *handle, CURLoption option, const char *value);
void ccurl_set_pointer(void *handle, CURLoption option, void *value);
void ccurl_set_headers(void *handle, struct curl_slist *headers);
/// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
void ccurl_set_receiver(
    void *handle, CURLoption option, size_t (*receive)(char *, size_t, size_t, void *));
void ccurl_set_progress(
    void *handle, int (*progress)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t));
/// Lets addresses be http and https only, and redirections lead to both or to https alone.
CURLcode ccurl_restrict_protocols(void *handle, bool only_to_https);

/// A list of one header line, to be freed.
struct curl_slist *ccurl_header(const char *line);
/// The list with one more line; NULL is an empty one.
struct curl_slist *ccurl_added(const char *line, struct curl_slist *headers);
void ccurl_free_headers(struct curl_slist *headers);

long ccurl_response_code(void *handle);
/// Seconds the server asked to wait, 0 when it did not.
long long ccurl_retry_after(void *handle);
/// Bytes the answer announced, -1 when it did not.
long long ccurl_content_length(void *handle);
/// What OpenSSL found wrong with the host's certificate, an `X509_V_ERR_…`; 0 for nothing, or something else.
long ccurl_verify_result(void *handle);
