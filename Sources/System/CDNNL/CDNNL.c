#include "CDNNL.h"

#include <dlfcn.h>
#include <stddef.h>

static cdnnl_functions functions;

const cdnnl_functions *cdnnl_load(void) {
  void *library = dlopen("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!library) return NULL;
#define LOAD(NAME)                                                          \
  functions.NAME = (__typeof__(functions.NAME))dlsym(library, "dnnl_" #NAME); \
  if (!functions.NAME) return NULL;
  CDNNL_FUNCTIONS(LOAD)
#undef LOAD
  return functions.version()->major == 2 ? &functions : NULL;
}
