#if !__has_include(<openssl/evp.h>)
#error "The headers of OpenSSL are missing: sudo apt-get install libssl-dev (README.md lists all that Keras for Swift needs)"
#endif
#include <openssl/evp.h>
