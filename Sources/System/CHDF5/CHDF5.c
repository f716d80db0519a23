#include "CHDF5.h"

#include <dlfcn.h>

static chdf5_functions functions;

// As Debian names it, and as others do, from 1.10 to 1.14: what is called here is the same in all of them.
static const char *const names[] = {
    "libhdf5_serial.so.103", "libhdf5.so.103", "libhdf5.so.200", "libhdf5.so.310", "libhdf5_serial.so.310",
};

const chdf5_functions *chdf5_load(void) {
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !library; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!library) return NULL;
  herr_t (*open)(void) = (herr_t (*)(void))dlsym(library, "H5open");
  if (!open || open() < 0) return NULL;
#define LOAD(NAME)                                                          \
  functions.NAME = (__typeof__(functions.NAME))dlsym(library, #NAME);       \
  if (!functions.NAME) return NULL;
  CHDF5_FUNCTIONS(LOAD)
#undef LOAD
#define LOAD(NAME)                                                          \
  {                                                                         \
    const hid_t *value = (const hid_t *)dlsym(library, #NAME);              \
    if (!value) return NULL;                                                \
    functions.id_##NAME = *value;                                           \
  }
  CHDF5_CONSTANTS(LOAD)
#undef LOAD
  // Errors are reported by our callers, not printed.
  functions.H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  return &functions;
}
