#include <math.h>

#include "chain.h"

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

// Elements are read in blocks of whole rows of results where several fit, else of a part of one. Where there are few
// results of many elements the elements are divided, always in the same way: the result must not depend on the threads.
enum { MANY = 16, MOST_PARTS = 64, PART = 1 << 16 };

typedef struct {
  const kk_reduction_plan *plan;
  const kk_chain_plan *chain;
  const void *const *operands;
  void *y;
  float *scratch;
  // Rows of results that are read together, results of a row that are, and in how many runs.
  size_t rows, width, blocks;
  size_t parts, part;
} job;

KK_INLINE size_t parts_of(const kk_reduction_plan *p, size_t tasks) {
  size_t parts = kk_min(kk_min(p->n * p->inner / PART, p->n / RUN), MOST_PARTS);
  return tasks >= MANY || parts == 0 ? 1 : parts;
}

static job job_of(const kk_reduction_plan *p) {
  job j = {.plan = p, .rows = 1, .width = p->inner, .blocks = 1};
  if (p->inner > KK_BLOCK) {
    j.width = KK_BLOCK;
    j.blocks = kk_ceil_div(p->inner, KK_BLOCK);
  } else if (p->inner > 0) {
    j.rows = KK_BLOCK / p->inner;
  }
  j.parts = parts_of(p, p->outer * j.blocks);
  j.part = kk_ceil_div(p->n, j.parts);
  return j;
}

size_t kk_reduction_scratch_count(const kk_reduction_plan *p) {
  size_t parts = job_of(p).parts;
  return parts > 1 ? p->outer * parts * p->inner : 0;
}

KK_INLINE const float *read(const job *j, size_t start, size_t count, kk_chain_blocks *blocks) {
  return kk_chain_block(j->chain, j->operands, start, count, NULL, KK_FLOAT32, blocks);
}

// Results from `first` on: what is reduced of n elements each.
static void store(const job *j, size_t first, float *total, size_t count) {
  const kk_reduction_plan *p = j->plan;
  if (p->r == KK_MEAN) {
    for (size_t i = 0; i < count; i++) total[i] /= (float)p->n;
  }
  void *y = kk_at_mutable(j->y, p->y_type, first);
  if (p->y_type == KK_FLOAT32) memcpy(y, total, count * sizeof(float));
  kk_store(total, y, p->y_type, count);
}

// `count` neighbouring results of row `outer` from column c on, of one part of the elements.
static void leave(const job *j, size_t outer, size_t part, size_t c, float *total, size_t count) {
  size_t inner = j->plan->inner;
  if (j->parts == 1) {
    store(j, outer * inner + c, total, count);
  } else {
    memcpy(j->scratch + (outer * j->parts + part) * inner + c, total, count * sizeof(float));
  }
}

// Neighbouring results: rows of elements are added to them one after the other.
static void columns(void *pointer, int i, int worker) {
  const job *j = pointer;
  const kk_reduction_plan *p = j->plan;
  kk_chain_blocks blocks;
  memset(blocks.fillings, 0, sizeof blocks.fillings);
  float run[KK_BLOCK], total[KK_BLOCK], start = start_value(p->r);
  size_t part = (size_t)i % j->parts, c = (size_t)i / j->parts % j->blocks * j->width;
  size_t outer = (size_t)i / j->parts / j->blocks, width = kk_min(j->width, p->inner - c);
  size_t end = kk_min((part + 1) * j->part, p->n);
  fill(total, start, j->rows * width);
  for (size_t k = part * j->part; k < end;) {
    fill(run, start, j->rows * width);
    for (int step = 0; step < RUN && k < end; step++) {
      size_t rows = kk_min(j->rows, end - k);
      accumulate(p->r, run, read(j, (outer * p->n + k) * p->inner + c, rows * width, &blocks), rows * width);
      k += rows;
    }
    accumulate(p->r, total, run, j->rows * width);
  }
  for (size_t row = 1; row < j->rows; row++) accumulate(p->r, total, total + row * width, width);
  leave(j, outer, part, c, total, width);
}

enum { LANES = RUN };

KK_INLINE void add_to_lanes(kk_reduction r, float *lanes, const float *x, size_t count) {
  for (size_t k = 0; k < count; k += LANES) accumulate(r, lanes, x + k, kk_min(LANES, count - k));
}

KK_INLINE void add_lanes(kk_reduction r, float *total, float *lanes) {
  for (size_t width = LANES / 2; width > 0; width /= 2) accumulate(r, lanes, lanes + width, width);
  accumulate(r, total, lanes, 1);
}

// One result from many neighbouring elements: lanes first, then the lanes.
static void row(void *pointer, int i, int worker) {
  const job *j = pointer;
  const kk_reduction_plan *p = j->plan;
  kk_chain_blocks blocks;
  memset(blocks.fillings, 0, sizeof blocks.fillings);
  float lanes[LANES], total = start_value(p->r);
  size_t part = (size_t)i % j->parts, outer = (size_t)i / j->parts, end = kk_min((part + 1) * j->part, p->n);
  for (size_t first = part * j->part; first < end; first += LANES * RUN) {
    size_t last = kk_min(first + LANES * RUN, end);
    fill(lanes, start_value(p->r), LANES);
    for (size_t k = first; k < last; k += KK_BLOCK) {
      size_t count = kk_min(KK_BLOCK, last - k);
      add_to_lanes(p->r, lanes, read(j, outer * p->n + k, count, &blocks), count);
    }
    add_lanes(p->r, &total, lanes);
  }
  leave(j, outer, part, 0, &total, 1);
}

// Results from few neighbouring elements each, as many as are read together.
static void short_rows(void *pointer, int i, int worker) {
  const job *j = pointer;
  const kk_reduction_plan *p = j->plan;
  kk_chain_blocks blocks;
  memset(blocks.fillings, 0, sizeof blocks.fillings);
  float lanes[LANES], totals[KK_BLOCK];
  size_t end = kk_min(((size_t)i + 1) * j->part, p->outer);
  for (size_t first = (size_t)i * j->part; first < end; first += j->rows) {
    size_t count = kk_min(j->rows, end - first);
    const float *x = p->n ? read(j, first * p->n, count * p->n, &blocks) : NULL;
    for (size_t k = 0; k < count; k++) {
      totals[k] = start_value(p->r);
      fill(lanes, start_value(p->r), LANES);
      if (p->n) add_to_lanes(p->r, lanes, x + k * p->n, p->n);
      add_lanes(p->r, &totals[k], lanes);
    }
    store(j, first, totals, count);
  }
}

// Neighbouring results from those of the parts.
static void join(void *pointer, int i, int worker) {
  const job *j = pointer;
  size_t inner = j->plan->inner, c = (size_t)i % j->blocks * j->width, outer = (size_t)i / j->blocks;
  size_t count = kk_min(j->width, inner - c);
  float total[KK_BLOCK];
  fill(total, start_value(j->plan->r), count);
  for (size_t part = 0; part < j->parts; part++) {
    accumulate(j->plan->r, total, j->scratch + (outer * j->parts + part) * inner + c, count);
  }
  store(j, outer * inner + c, total, count);
}

void kk_reduce_chain(
    const kk_reduction_plan *p, const kk_chain_plan *chain, const void *const *operands, void *y, float *scratch) {
  if (p->outer == 0 || p->inner == 0) return;
  job j = job_of(p);
  j.chain = chain;
  j.operands = operands;
  j.y = y;
  j.scratch = scratch;
  if (p->inner == 1 && p->n <= KK_BLOCK) {
    j.rows = p->n ? KK_BLOCK / p->n : KK_BLOCK;
    j.part = kk_ceil_div(KK_GRAIN, p->n ? p->n * j.rows : KK_BLOCK) * j.rows;
    kk_parallel((int)kk_ceil_div(p->outer, j.part), short_rows, &j);
    return;
  }
  kk_parallel((int)(p->outer * j.blocks * j.parts), p->inner == 1 ? row : columns, &j);
  if (j.parts > 1) kk_parallel((int)(p->outer * j.blocks), join, &j);
}

void kk_reduce(const kk_reduction_plan *p, const void *x, kk_type x_type, void *y, float *scratch) {
  size_t count = p->outer * p->n * p->inner;
  kk_chain_plan chain = {.operand_count = 1, .count = count};
  chain.operands[0] = (kk_chain_operand){x_type, count, count};
  kk_reduce_chain(p, &chain, &x, y, scratch);
}
