#if !__has_include(<zlib.h>)
#error "The headers of zlib are missing: sudo apt-get install zlib1g-dev (README.md lists all that Keras for Swift needs)"
#endif
#include <zlib.h>
