#include <math.h>

#include "support.h"

KK_MULTIVERSION static void normalize_block(
    const float *x, float *y, const float *mean, const float *scale, const float *beta, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = (x[i] - mean[i]) * scale[i] + beta[i];
}

// From bfloat16 to bfloat16, and no result below `lowest`: in one go.
KK_MULTIVERSION static void normalize_halves(
    const uint16_t *x, uint16_t *y, const float *mean, const float *scale, const float *beta, float lowest,
    size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
    float v = (kk_widened(x[i]) - mean[i]) * scale[i] + beta[i];
    y[i] = kk_narrowed(v < lowest ? lowest : v);
  }
}

typedef struct {
  const kk_normalization *n;
  const void *x;
  void *y;
  kk_type x_type, y_type;
  const float *mean, *scale, *beta;
  size_t rows_per_chunk;
} job;

static void chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  float in[KK_BLOCK], out[KK_BLOCK];
  size_t channels = j->n->channels, first = (size_t)i * j->rows_per_chunk;
  size_t last = kk_min(first + j->rows_per_chunk, j->n->rows);
  bool is_relu = j->n->f.kind == KK_RELU;
  if (j->x_type == KK_BFLOAT16 && j->y_type == KK_BFLOAT16 && (is_relu || j->n->f.kind == KK_IDENTITY)) {
    for (size_t row = first; row < last; row++) {
      normalize_halves(
          (const uint16_t *)j->x + row * j->n->x_row, (uint16_t *)j->y + row * channels, j->mean, j->scale, j->beta,
          is_relu ? 0.0f : -INFINITY, channels);
    }
    return;
  }
  for (size_t row = first; row < last; row++) {
    for (size_t c = 0; c < channels; c += KK_BLOCK) {
      size_t count = kk_min(KK_BLOCK, channels - c), at = row * channels + c;
      void *y = kk_at_mutable(j->y, j->y_type, at);
      float *target = kk_target(y, j->y_type, out);
      const float *x = kk_load(kk_at(j->x, j->x_type, row * j->n->x_row + c), j->x_type, in, count);
      normalize_block(x, target, j->mean + c, j->scale + c, j->beta + c, count);
      if (j->n->f.kind != KK_IDENTITY) kk_apply(j->n->f, target, target, count);
      kk_store(target, y, j->y_type, count);
    }
  }
}

void kk_normalize(
    const kk_normalization *n, const void *x, kk_type x_type, void *y, kk_type y_type, const float *mean,
    const float *scale, const float *beta) {
  if (n->rows == 0 || n->channels == 0) return;
  job j = {n, x, y, x_type, y_type, mean, scale, beta, kk_ceil_div(KK_GRAIN, n->channels)};
  kk_parallel((int)kk_ceil_div(n->rows, j.rows_per_chunk), chunk, &j);
}
