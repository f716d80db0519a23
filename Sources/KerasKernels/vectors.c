#include "vectors.h"

void kk_copy_floats(const float *x, float *y, size_t count) { memcpy(y, x, count * sizeof(float)); }

bool kk_has_vectors(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("x86-64-v3");
#else
  return true;
#endif
}
