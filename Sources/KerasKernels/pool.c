#include <math.h>

#include "support.h"

// Channels whose largest numbers are kept in registers while the window is walked.
enum { HELD = 32 };

// The part of a window that lies on the image, along one axis: places first, first + step, …
typedef struct {
  size_t first, step, count;
} span;

static span span_of(const kk_max_pooling_plan *p, int axis, size_t result) {
  size_t start = result * p->strides[axis], step = p->dilations[axis], before = p->before[axis];
  size_t skipped = start < before ? kk_ceil_div(before - start, step) : 0;
  span s = {start + skipped * step - before, step, 0};
  if (skipped < p->window[axis] && s.first < p->lengths[axis]) {
    s.count = kk_min(p->window[axis] - skipped, kk_ceil_div(p->lengths[axis] - s.first, step));
  }
  return s;
}

// A number that is none stays, wherever it stands.
KK_INLINE float larger(float u, float v) { return u > v || u != u ? u : v; }

KK_INLINE void take(const void *x, kk_type type, size_t at, float *best, size_t count) {
  if (type == KK_FLOAT32) {
    const float *values = (const float *)x + at;
    for (size_t i = 0; i < count; i++) best[i] = larger(best[i], values[i]);
  } else {
    const uint16_t *values = (const uint16_t *)x + at;
    for (size_t i = 0; i < count; i++) best[i] = larger(best[i], kk_widened(values[i]));
  }
}

// All channels of one result.
KK_MULTIVERSION static void pool_place(
    const kk_max_pooling_plan *p, const void *x, kk_type type, size_t image, const span *spans, void *y, size_t to) {
  for (size_t c = 0; c < p->channels; c += HELD) {
    size_t count = kk_min(HELD, p->channels - c);
    float best[HELD];
    for (size_t i = 0; i < HELD; i++) best[i] = -INFINITY;
    for (size_t a = 0; a < spans[0].count; a++) {
      for (size_t b = 0; b < spans[1].count; b++) {
        size_t row = (image * p->lengths[0] + spans[0].first + a * spans[0].step) * p->lengths[1] + spans[1].first
            + b * spans[1].step;
        for (size_t d = 0; d < spans[2].count; d++) {
          size_t at = (row * p->lengths[2] + spans[2].first + d * spans[2].step) * p->channels + c;
          if (count == HELD) {
            take(x, type, at, best, HELD);
          } else {
            take(x, type, at, best, count);
          }
        }
      }
    }
    if (type == KK_FLOAT32) {
      memcpy((float *)y + to + c, best, count * sizeof(float));
    } else {
      uint16_t *target = (uint16_t *)y + to + c;
      for (size_t i = 0; i < count; i++) target[i] = kk_narrowed(best[i]);
    }
  }
}

typedef struct {
  const kk_max_pooling_plan *plan;
  const void *x;
  void *y;
  kk_type type;
  size_t rows, rows_per_chunk;
} job;

static void chunk(void *pointer, int i, int worker) {
  const job *j = pointer;
  const kk_max_pooling_plan *p = j->plan;
  size_t first = (size_t)i * j->rows_per_chunk, end = kk_min(first + j->rows_per_chunk, j->rows);
  for (size_t row = first; row < end; row++) {
    size_t b = row % p->results[1], a = row / p->results[1] % p->results[0];
    size_t image = row / p->results[1] / p->results[0];
    span spans[3] = {span_of(p, 0, a), span_of(p, 1, b)};
    for (size_t c = 0; c < p->results[2]; c++) {
      spans[2] = span_of(p, 2, c);
      pool_place(p, j->x, j->type, image, spans, j->y, (row * p->results[2] + c) * p->channels);
    }
  }
}

void kk_max_pool(const kk_max_pooling_plan *p, const void *x, kk_type type, void *y) {
  size_t work = p->results[2] * p->window[0] * p->window[1] * p->window[2] * p->channels;
  job j = {p, x, y, type, p->batch * p->results[0] * p->results[1], 1};
  if (j.rows == 0 || work == 0) return;
  j.rows_per_chunk = kk_ceil_div(KK_GRAIN, work);
  kk_parallel((int)kk_ceil_div(j.rows, j.rows_per_chunk), chunk, &j);
}
