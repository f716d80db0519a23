#include "CCURL.h"

#include <dlfcn.h>

static struct {
  CURLcode (*global_init)(long);
  CURL *(*easy_init)(void);
  void (*easy_cleanup)(CURL *);
  CURLcode (*easy_perform)(CURL *);
  CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
  CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
  const char *(*easy_strerror)(CURLcode);
  struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
  void (*slist_free_all)(struct curl_slist *);
} curl;

bool ccurl_load(void) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return false;
  const struct { const char *name; void **function; } symbols[] = {
      {"curl_global_init", (void **)&curl.global_init},
      {"curl_easy_init", (void **)&curl.easy_init},
      {"curl_easy_cleanup", (void **)&curl.easy_cleanup},
      {"curl_easy_perform", (void **)&curl.easy_perform},
      {"curl_easy_setopt", (void **)&curl.easy_setopt},
      {"curl_easy_getinfo", (void **)&curl.easy_getinfo},
      {"curl_easy_strerror", (void **)&curl.easy_strerror},
      {"curl_slist_append", (void **)&curl.slist_append},
      {"curl_slist_free_all", (void **)&curl.slist_free_all},
  };
  for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
    *symbols[i].function = dlsym(library, symbols[i].name);
    if (!*symbols[i].function) return false;
  }
  return curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

void *ccurl_init(void) { return curl.easy_init(); }
void ccurl_cleanup(void *handle) { curl.easy_cleanup(handle); }
CURLcode ccurl_perform(void *handle) { return curl.easy_perform(handle); }
const char *ccurl_message(CURLcode code) { return curl.easy_strerror(code); }

void ccurl_set_long(void *handle, CURLoption option, long value) {
  curl.easy_setopt(handle, option, value);
}

void ccurl_set_text(void *handle, CURLoption option, const char *value) {
  curl.easy_setopt(handle, option, value);
}

void ccurl_set_pointer(void *handle, CURLoption option, void *value) {
  curl.easy_setopt(handle, option, value);
}

void ccurl_set_headers(void *handle, struct curl_slist *headers) {
  curl.easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}

void ccurl_set_receiver(
    void *handle, CURLoption option, size_t (*receive)(char *, size_t, size_t, void *)) {
  curl.easy_setopt(handle, option, receive);
}

void ccurl_set_progress(
    void *handle, int (*progress)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t)) {
  curl.easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
}

CURLcode ccurl_restrict_protocols(void *handle, bool only_to_https) {
#if LIBCURL_VERSION_NUM >= 0x075500
  CURLcode code = curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  if (code) return code;
  return curl.easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, only_to_https ? "https" : "http,https");
#else
  CURLcode code = curl.easy_setopt(handle, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
  if (code) return code;
  long elsewhere = only_to_https ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS;
  return curl.easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS, elsewhere);
#endif
}

struct curl_slist *ccurl_header(const char *line) { return curl.slist_append(NULL, line); }
struct curl_slist *ccurl_added(const char *line, struct curl_slist *headers) {
  struct curl_slist *longer = curl.slist_append(headers, line);
  return longer ? longer : headers;
}
void ccurl_free_headers(struct curl_slist *headers) { curl.slist_free_all(headers); }

long ccurl_response_code(void *handle) {
  long code = 0;
  curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
  return code;
}

long long ccurl_retry_after(void *handle) {
  curl_off_t seconds = 0;
  curl.easy_getinfo(handle, CURLINFO_RETRY_AFTER, &seconds);
  return seconds;
}

long long ccurl_content_length(void *handle) {
  curl_off_t length = -1;
  curl.easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return length;
}

long ccurl_verify_result(void *handle) {
  long result = 0;
  curl.easy_getinfo(handle, CURLINFO_SSL_VERIFYRESULT, &result);
  return result;
}
