#include "CWebP.h"

#include <dlfcn.h>

static cwebp_functions functions;

const cwebp_functions *cwebp_load(void) {
  void *library = dlopen("libwebp.so.7", RTLD_NOW | RTLD_LOCAL);
  if (!library) return NULL;
#define LOAD(NAME)                                                     \
  functions.NAME = (__typeof__(functions.NAME))dlsym(library, #NAME);  \
  if (!functions.NAME) return NULL;
  LOAD(WebPGetInfo)
  LOAD(WebPDecodeRGBAInto)
#undef LOAD
  return &functions;
}
