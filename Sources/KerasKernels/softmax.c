#include "functions.h"

KK_MULTIVERSION static void exp_shifted(
    const float *x, const float *highest, float *y, float *sum, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
    y[i] = kk_exp(x[i] - highest[i]);
    sum[i] += y[i];
  }
}
KK_MULTIVERSION static void scale(const float *factor, float *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] *= factor[i];
}
KK_MULTIVERSION static void raise(float *highest, const float *x, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) highest[i] = x[i] > highest[i] || x[i] != x[i] ? x[i] : highest[i];
}

enum { LANES = 64 };

typedef struct {
  const void *x;
  void *y;
  kk_type x_type, y_type;
  size_t outer, n, inner, blocks, at_once;
} job;

KK_INLINE void fill(float *x, float value, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = value;
}

// Columns side by side. `lanes` neighbouring numbers of a row belong to different columns, or, when
// `inner` is 1, to one.
static void columns(const job *j, size_t i) {
  float in[LANES], highest[LANES], sum[LANES], out[LANES];
  bool joined = j->inner == 1;
  size_t outer = i / j->blocks, c = i % j->blocks * LANES;
  size_t width = joined ? LANES : kk_min(LANES, j->inner - c);
  size_t base = outer * j->n * j->inner + c, step = joined ? LANES : j->inner;
  size_t steps = joined ? kk_ceil_div(j->n, LANES) : j->n;
  fill(highest, -INFINITY, LANES);
  fill(sum, 0.0f, LANES);
  for (size_t k = 0; k < steps; k++) {
    size_t count = joined ? kk_min(width, j->n - k * LANES) : width;
    raise(highest, kk_load(kk_at(j->x, j->x_type, base + k * step), j->x_type, in, count), count);
  }
  if (joined) {
    for (size_t w = LANES / 2; w > 0; w /= 2) raise(highest, highest + w, w);
    fill(highest, highest[0], LANES);
  }
  for (int store = 0; store < 2; store++) {
    // float32 results are kept where they will stand; others are computed again, once the sum is known.
    bool again = store && j->y_type != KK_FLOAT32;
    for (size_t k = 0; k < steps; k++) {
      size_t count = joined ? kk_min(width, j->n - k * LANES) : width;
      void *y = kk_at_mutable(j->y, j->y_type, base + k * step);
      float *target = kk_target(y, j->y_type, out), ignored[LANES] = {0};
      if (!store || again) {
        const float *x = kk_load(kk_at(j->x, j->x_type, base + k * step), j->x_type, in, count);
        exp_shifted(x, highest, target, store ? ignored : sum, count);
      }
      if (store) {
        scale(sum, target, count);
        kk_store(target, y, j->y_type, count);
      }
    }
    if (!store) {
      if (joined) {
        for (size_t w = LANES / 2; w > 0; w /= 2) {
          for (size_t k = 0; k < w; k++) sum[k] += sum[k + w];
        }
        fill(sum, sum[0], LANES);
      }
      for (size_t k = 0; k < LANES; k++) sum[k] = 1.0f / sum[k];
    }
  }
}

static void chunk(void *pointer, int i, int worker) {
  const job *j = pointer;
  size_t first = (size_t)i * j->at_once, end = kk_min(first + j->at_once, j->outer * j->blocks);
  for (size_t k = first; k < end; k++) columns(j, k);
}

void kk_softmax(
    const void *x, kk_type x_type, void *y, kk_type y_type, size_t outer, size_t n, size_t inner) {
  if (outer == 0 || n == 0 || inner == 0) return;
  job j = {x, y, x_type, y_type, outer, n, inner, inner == 1 ? 1 : kk_ceil_div(inner, LANES), 1};
  j.at_once = kk_ceil_div(KK_GRAIN / 4, n * (inner == 1 ? 1 : kk_min(inner, LANES)));
  kk_parallel((int)kk_ceil_div(outer * j.blocks, j.at_once), chunk, &j);
}
