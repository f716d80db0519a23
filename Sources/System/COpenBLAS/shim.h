#if !__has_include(<cblas.h>)
#error "The headers of OpenBLAS are missing: sudo apt-get install libopenblas-dev pkg-config (README.md lists all that Keras for Swift needs)"
#endif
#include <cblas.h>
