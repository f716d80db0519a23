#include "CArchive.h"

#include <dlfcn.h>
#include <stddef.h>

static carchive_functions functions;

const carchive_functions *carchive_load(void) {
  void *library = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
  if (!library) return NULL;
#define LOAD(NAME)                                                     \
  functions.NAME = (__typeof__(functions.NAME))dlsym(library, #NAME);  \
  if (!functions.NAME) return NULL;
  CARCHIVE_FUNCTIONS(LOAD)
#undef LOAD
  return &functions;
}
