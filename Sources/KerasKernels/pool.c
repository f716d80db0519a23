#include <math.h>

#include "support.h"

// Channels whose largest numbers are kept in registers while the window is walked.
enum { HELD = 32 };

// The part of a window that lies on the image, along one axis: places first, first + step, …, behind those that are
// skipped.
typedef struct {
  size_t first, step, count, skipped;
} span;

static span span_of(const kk_max_pooling_plan *p, int axis, size_t result) {
  size_t start = result * p->strides[axis], step = p->dilations[axis], before = p->before[axis];
  size_t skipped = start < before ? kk_ceil_div(before - start, step) : 0;
  span s = {start + skipped * step - before, step, 0, skipped};
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

// The row of the image under a window's line a, b.
KK_INLINE size_t row_under(const kk_max_pooling_plan *p, size_t image, const span *spans, size_t a, size_t b) {
  size_t plane = image * p->lengths[0] + spans[0].first + a * spans[0].step;
  return plane * p->lengths[1] + spans[1].first + b * spans[1].step;
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
        size_t row = row_under(p, image, spans, a, b);
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

KK_INLINE float element(const void *x, kk_type type, size_t at) {
  return type == KK_FLOAT32 ? ((const float *)x)[at] : kk_widened(((const uint16_t *)x)[at]);
}

// Which element of the window, counted from 0, is the first largest; all channels of one result.
KK_INLINE void choose_of(
    const kk_max_pooling_plan *p, const void *x, kk_type type, size_t image, const span *spans, uint8_t *choices) {
  for (size_t c = 0; c < p->channels; c += HELD) {
    size_t count = kk_min(HELD, p->channels - c);
    float best[HELD];
    uint32_t choice[HELD];
    for (size_t i = 0; i < HELD; i++) choice[i] = UINT8_MAX;
    for (size_t a = 0; a < spans[0].count; a++) {
      for (size_t b = 0; b < spans[1].count; b++) {
        size_t row = row_under(p, image, spans, a, b);
        for (size_t d = 0; d < spans[2].count; d++) {
          size_t at = (row * p->lengths[2] + spans[2].first + d * spans[2].step) * p->channels + c;
          size_t line = (a + spans[0].skipped) * p->window[1] + b + spans[1].skipped;
          uint32_t tap = (uint32_t)(line * p->window[2] + d + spans[2].skipped);
          KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
            float v = element(x, type, at + i);
            bool is_better = choice[i] == UINT8_MAX || v > best[i] || (v != v && best[i] == best[i]);
            best[i] = is_better ? v : best[i];
            choice[i] = is_better ? tap : choice[i];
          }
        }
      }
    }
    for (size_t i = 0; i < count; i++) choices[c + i] = (uint8_t)choice[i];
  }
}

KK_MULTIVERSION static void choose(
    const kk_max_pooling_plan *p, const void *x, kk_type type, size_t image, const span *spans, uint8_t *choices) {
  if (type == KK_FLOAT32) {
    choose_of(p, x, KK_FLOAT32, image, spans, choices);
  } else {
    choose_of(p, x, KK_BFLOAT16, image, spans, choices);
  }
}

// The windows that a pixel is under along an axis: first element of the window, distance to the next such element, and
// their number; the results get smaller by `results_step`.
typedef struct {
  size_t element, element_step, result, results_step, count;
} cover;

static cover cover_of(const kk_max_pooling_plan *p, int axis, size_t pixel) {
  size_t stride = p->strides[axis], dilation = p->dilations[axis];
  cover c = {0, 0, 0, 0, 0};
  for (size_t k = 0; k < p->window[axis]; k++) {
    size_t reach = pixel + p->before[axis];
    if (reach < k * dilation || (reach - k * dilation) % stride) continue;
    size_t result = (reach - k * dilation) / stride;
    if (result >= p->results[axis]) continue;
    if (c.count == 0) {
      c.element = k;
      c.result = result;
    } else if (c.count == 1) {
      c.element_step = k - c.element;
      c.results_step = c.result - result;
    }
    c.count++;
  }
  return c;
}

KK_INLINE void gather_of(
    const kk_max_pooling_plan *p, const uint8_t *choices, const void *dy, kk_type type, size_t image, const cover *covers,
    void *dx, size_t to) {
  for (size_t c = 0; c < p->channels; c += HELD) {
    size_t count = kk_min(HELD, p->channels - c);
    float sums[HELD] = {0};
    for (size_t a = 0; a < covers[0].count; a++) {
      for (size_t b = 0; b < covers[1].count; b++) {
        for (size_t d = 0; d < covers[2].count; d++) {
          size_t row = (image * p->results[0] + covers[0].result - a * covers[0].results_step) * p->results[1]
              + covers[1].result - b * covers[1].results_step;
          size_t at = (row * p->results[2] + covers[2].result - d * covers[2].results_step) * p->channels + c;
          uint8_t tap = (uint8_t)(((covers[0].element + a * covers[0].element_step) * p->window[1] + covers[1].element
                                   + b * covers[1].element_step) * p->window[2]
                                  + covers[2].element + d * covers[2].element_step);
          KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
            float v = element(dy, type, at + i);
            sums[i] += choices[at + i] == tap ? v : 0.0f;
          }
        }
      }
    }
    if (type == KK_FLOAT32) {
      memcpy((float *)dx + to + c, sums, count * sizeof(float));
    } else {
      uint16_t *target = (uint16_t *)dx + to + c;
      KK_ELEMENTWISE for (size_t i = 0; i < count; i++) target[i] = kk_narrowed(sums[i]);
    }
  }
}

KK_MULTIVERSION static void gather(
    const kk_max_pooling_plan *p, const uint8_t *choices, const void *dy, kk_type type, size_t image, const cover *covers,
    void *dx, size_t to) {
  if (type == KK_FLOAT32) {
    gather_of(p, choices, dy, KK_FLOAT32, image, covers, dx, to);
  } else {
    gather_of(p, choices, dy, KK_BFLOAT16, image, covers, dx, to);
  }
}

typedef struct job job;
// What is done with a row: number `row` of all, in image `image` at a and b along the first two axes.
typedef void row_body(const job *j, size_t row, size_t image, size_t a, size_t b);

struct job {
  const kk_max_pooling_plan *plan;
  const void *x;
  void *y;
  kk_type type;
  // Of the gradient: which elements were chosen is wanted then, not the numbers.
  const void *dy;
  uint8_t *choices;
  row_body *body;
  const size_t *lengths;
  size_t rows, rows_per_chunk;
};

static void pool_row(const job *j, size_t row, size_t image, size_t a, size_t b) {
  const kk_max_pooling_plan *p = j->plan;
  span spans[3] = {span_of(p, 0, a), span_of(p, 1, b)};
  for (size_t c = 0; c < p->results[2]; c++) {
    spans[2] = span_of(p, 2, c);
    size_t to = (row * p->results[2] + c) * p->channels;
    if (j->choices) {
      choose(p, j->x, j->type, image, spans, j->choices + to);
    } else {
      pool_place(p, j->x, j->type, image, spans, j->y, to);
    }
  }
}

static void gather_row(const job *j, size_t row, size_t image, size_t a, size_t b) {
  const kk_max_pooling_plan *p = j->plan;
  cover covers[3] = {cover_of(p, 0, a), cover_of(p, 1, b)};
  for (size_t c = 0; c < p->lengths[2]; c++) {
    covers[2] = cover_of(p, 2, c);
    gather(p, j->choices, j->dy, j->type, image, covers, j->y, (row * p->lengths[2] + c) * p->channels);
  }
}

static void chunk(void *pointer, int i, int worker) {
  const job *j = pointer;
  const size_t *lengths = j->lengths;
  size_t end = kk_min((size_t)(i + 1) * j->rows_per_chunk, j->rows);
  for (size_t row = (size_t)i * j->rows_per_chunk; row < end; row++) {
    j->body(j, row, row / lengths[1] / lengths[0], row / lengths[1] % lengths[0], row % lengths[1]);
  }
}

// All rows of a tensor of these lengths, each of which takes `work`, on all threads.
static void run(job *j, row_body *body, const size_t *lengths, size_t work) {
  j->rows = j->plan->batch * lengths[0] * lengths[1];
  if (j->rows == 0 || work == 0) return;
  j->body = body;
  j->lengths = lengths;
  j->rows_per_chunk = kk_ceil_div(KK_GRAIN, work);
  kk_parallel((int)kk_ceil_div(j->rows, j->rows_per_chunk), chunk, j);
}

static size_t work_of_row(const kk_max_pooling_plan *p) {
  return p->results[2] * p->window[0] * p->window[1] * p->window[2] * p->channels;
}

void kk_max_pool_gradient(
    const kk_max_pooling_plan *p, const void *x, const void *dy, kk_type type, void *dx, uint8_t *choices) {
  job j = {.plan = p, .x = x, .y = dx, .type = type, .dy = dy, .choices = choices};
  run(&j, pool_row, p->results, work_of_row(p));
  run(&j, gather_row, p->lengths, p->lengths[2] * p->channels);
}

void kk_max_pool(const kk_max_pooling_plan *p, const void *x, kk_type type, void *y) {
  job j = {.plan = p, .x = x, .y = y, .type = type};
  run(&j, pool_row, p->results, work_of_row(p));
}
