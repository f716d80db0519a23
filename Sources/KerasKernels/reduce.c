#include <math.h>

#include "support.h"

// Sums are kept in runs of this many, whose results are added: the error grows with the run, not the sum.
enum { RUN = 64 };

KK_INLINE float start_value(kk_reduction r) {
  switch (r) {
    case KK_SUM: case KK_MEAN: return 0.0f;
    case KK_HIGHEST: return -INFINITY;
    case KK_LOWEST: return INFINITY;
    case KK_PRODUCT: return 1.0f;
  }
}

#define LOOP(EXPRESSION)                    \
  KK_ELEMENTWISE                            \
  for (size_t i = 0; i < count; i++) {      \
    float u = total[i], v = x[i];           \
    total[i] = (EXPRESSION);                \
  }                                         \
  break

// total = total ∘ x, element by element.
KK_MULTIVERSION static void accumulate(kk_reduction r, float *total, const float *x, size_t count) {
  switch (r) {
    case KK_SUM: case KK_MEAN: LOOP(u + v);
    case KK_HIGHEST: LOOP(u > v || u != u ? u : v);
    case KK_LOWEST: LOOP(u < v || u != u ? u : v);
    case KK_PRODUCT: LOOP(u * v);
  }
}

KK_INLINE void fill(float *x, float value, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = value;
}

typedef struct {
  kk_reduction r;
  const void *x;
  void *y;
  kk_type x_type, y_type;
  size_t outer, n, inner, width, blocks, rows_per_chunk;
} job;

// A block of neighbouring results: rows of the input are added to it one after the other.
static void columns(void *pointer, int i, int worker) {
  job *j = pointer;
  float in[KK_BLOCK], run[KK_BLOCK], total[KK_BLOCK];
  size_t outer = (size_t)i / j->blocks, c = (size_t)i % j->blocks * j->width;
  size_t count = kk_min(j->width, j->inner - c);
  fill(total, start_value(j->r), count);
  for (size_t first = 0; first < j->n; first += RUN) {
    size_t end = kk_min(first + RUN, j->n);
    fill(run, start_value(j->r), count);
    for (size_t k = first; k < end; k++) {
      const void *x = kk_at(j->x, j->x_type, (outer * j->n + k) * j->inner + c);
      accumulate(j->r, run, kk_load(x, j->x_type, in, count), count);
    }
    accumulate(j->r, total, run, count);
  }
  if (j->r == KK_MEAN) {
    for (size_t k = 0; k < count; k++) total[k] /= (float)j->n;
  }
  void *y = kk_at_mutable(j->y, j->y_type, outer * j->inner + c);
  if (j->y_type == KK_FLOAT32) memcpy(y, total, count * sizeof(float));
  kk_store(total, y, j->y_type, count);
}

// One result from neighbouring elements: lanes first, then the lanes.
static void row(const job *j, size_t i) {
  enum { LANES = RUN };
  float in[KK_BLOCK], lanes[LANES], total = start_value(j->r);
  for (size_t first = 0; first < j->n; first += LANES * RUN) {
    size_t end = kk_min(first + LANES * RUN, j->n);
    fill(lanes, start_value(j->r), LANES);
    for (size_t k = first; k < end; k += LANES) {
      size_t count = kk_min(LANES, end - k);
      const void *x = kk_at(j->x, j->x_type, i * j->n + k);
      accumulate(j->r, lanes, kk_load(x, j->x_type, in, count), count);
    }
    for (size_t width = LANES / 2; width > 0; width /= 2) {
      accumulate(j->r, lanes, lanes + width, width);
    }
    accumulate(j->r, &total, lanes, 1);
  }
  if (j->r == KK_MEAN) total /= (float)j->n;
  void *y = kk_at_mutable(j->y, j->y_type, i);
  if (j->y_type == KK_FLOAT32) memcpy(y, &total, sizeof(float));
  kk_store(&total, y, j->y_type, 1);
}

static void rows(void *pointer, int i, int worker) {
  const job *j = pointer;
  size_t first = (size_t)i * j->rows_per_chunk, end = kk_min(first + j->rows_per_chunk, j->outer);
  for (size_t k = first; k < end; k++) row(j, k);
}

void kk_reduce(
    kk_reduction r, const void *x, kk_type x_type, void *y, kk_type y_type, size_t outer, size_t n,
    size_t inner) {
  if (outer == 0 || inner == 0) return;
  job j = {r, x, y, x_type, y_type, outer, n, inner, 0, 1, 1};
  if (inner == 1) {
    j.rows_per_chunk = kk_ceil_div(KK_GRAIN, n ? n : 1);
    kk_parallel((int)kk_ceil_div(outer, j.rows_per_chunk), rows, &j);
  } else {
    j.width = kk_min(inner, inner * n < KK_GRAIN ? KK_BLOCK : 128);
    j.blocks = kk_ceil_div(inner, j.width);
    kk_parallel((int)(outer * j.blocks), columns, &j);
  }
}
