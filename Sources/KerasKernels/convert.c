#include "support.h"

KK_MULTIVERSION static void widen(const uint16_t *x, float *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
    y[i] = kk_widened(x[i]);
  }
}

KK_MULTIVERSION static void narrow(const float *x, uint16_t *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
    y[i] = kk_narrowed(x[i]);
  }
}

KK_MULTIVERSION static void widen_bytes(const uint8_t *x, float *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = (float)x[i];
}

KK_MULTIVERSION static void narrow_bytes(const float *x, uint8_t *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = x[i] != 0.0f;
}

void kk_widen(const uint16_t *x, float *y, size_t count) { widen(x, y, count); }
void kk_narrow(const float *x, uint16_t *y, size_t count) { narrow(x, y, count); }
void kk_widen_bytes(const uint8_t *x, float *y, size_t count) { widen_bytes(x, y, count); }
void kk_narrow_bytes(const float *x, uint8_t *y, size_t count) { narrow_bytes(x, y, count); }

typedef struct {
  const void *x;
  void *y;
  kk_type from, to;
  size_t count;
} job;

static void chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  size_t start = (size_t)i * KK_GRAIN, count = kk_min(KK_GRAIN, j->count - start);
  const void *x = kk_at(j->x, j->from, start);
  void *y = kk_at_mutable(j->y, j->to, start);
  if (j->from == j->to) {
    memcpy(y, x, count * kk_size(j->to));
  } else if (j->from == KK_BFLOAT16) {
    kk_widen(x, y, count);
  } else {
    kk_narrow(x, y, count);
  }
}

void kk_convert(const void *x, kk_type from, void *y, kk_type to, size_t count) {
  job j = {x, y, from, to, count};
  kk_parallel((int)kk_ceil_div(count, KK_GRAIN), chunk, &j);
}
