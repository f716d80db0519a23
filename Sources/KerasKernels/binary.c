#include <math.h>

#include "support.h"

#define LOOP(EXPRESSION)                    \
  KK_ELEMENTWISE                            \
  for (size_t i = 0; i < count; i++) {      \
    float u = a[i], v = b[i];               \
    y[i] = (EXPRESSION);                    \
  }                                         \
  break

KK_INLINE float remainder_of(float u, float v) {
  float rest = fmodf(u, v);
  return rest != 0.0f && (rest < 0.0f) != (v < 0.0f) ? rest + v : rest;
}
// Exact also where the quotient itself rounds up to a whole number.
KK_INLINE float floor_divide(float u, float v) {
  if (v == 0.0f) return u / v;
  float quotient = (u - remainder_of(u, v)) / v, down = floorf(quotient);
  return quotient - down > 0.5f ? down + 1.0f : down;
}

KK_MULTIVERSION static void combine(
    kk_operator op, const float *a, const float *b, float *y, size_t count) {
  switch (op) {
    case KK_ADD: LOOP(u + v);
    case KK_SUBTRACT: LOOP(u - v);
    case KK_MULTIPLY: LOOP(u * v);
    case KK_DIVIDE: LOOP(u / v);
    // A NaN on either side stays, as in NumPy.
    case KK_MAXIMUM: LOOP(u > v || u != u ? u : v);
    case KK_MINIMUM: LOOP(u < v || u != u ? u : v);
    case KK_POWER: LOOP(powf(u, v));
    case KK_FLOOR_DIVIDE: LOOP(floor_divide(u, v));
    case KK_REMAINDER: LOOP(remainder_of(u, v));
    case KK_ARCTANGENT2: LOOP(atan2f(u, v));
  }
}

void kk_combine(kk_operator op, const float *a, const float *b, float *y, size_t count) {
  combine(op, a, b, y, count);
}

// One operand's elements of a row as a block: a number that is stretched is repeated once a row.
KK_INLINE const float *operand(
    const void *x, kk_type type, size_t base, size_t stride, size_t start, float *block, size_t count,
    bool first) {
  if (stride) return kk_load(kk_at(x, type, base + start), type, block, count);
  if (first) {
    float one;
    const float *value = kk_load(kk_at(x, type, base), type, &one, 1);
    for (size_t i = 0; i < count; i++) block[i] = *value;
  }
  return block;
}

typedef struct {
  const kk_binary_plan *plan;
  const void *a, *b;
  void *y;
  size_t rows, length, rows_per_chunk, pieces;
} job;

static void chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  const kk_binary_plan *p = j->plan;
  float a_block[KK_BLOCK], b_block[KK_BLOCK], out[KK_BLOCK];
  int last = p->rank - 1;
  size_t first_row = (size_t)i / j->pieces * j->rows_per_chunk;
  size_t end_row = kk_min(first_row + j->rows_per_chunk, j->rows);
  size_t piece = j->pieces == 1 ? j->length : KK_GRAIN;
  size_t from = (size_t)i % j->pieces * piece, to = kk_min(from + piece, j->length);
  for (size_t row = first_row; row < end_row; row++) {
    size_t a_base = 0, b_base = 0, rest = row;
    for (int axis = last - 1; axis >= 0; axis--) {
      size_t index = rest % p->lengths[axis];
      rest /= p->lengths[axis];
      a_base += index * p->a_strides[axis];
      b_base += index * p->b_strides[axis];
    }
    for (size_t start = from; start < to; start += KK_BLOCK) {
      size_t count = kk_min(KK_BLOCK, to - start);
      const float *a =
          operand(j->a, p->a_type, a_base, p->a_strides[last], start, a_block, count, start == from);
      const float *b =
          operand(j->b, p->b_type, b_base, p->b_strides[last], start, b_block, count, start == from);
      void *y = kk_at_mutable(j->y, p->y_type, row * j->length + start);
      float *target = kk_target(y, p->y_type, out);
      combine(p->op, a, b, target, count);
      kk_store(target, y, p->y_type, count);
    }
  }
}

void kk_binary(const kk_binary_plan *plan, const void *a, const void *b, void *y) {
  job j = {plan, a, b, y, 1, plan->lengths[plan->rank - 1], 1, 1};
  for (int axis = 0; axis < plan->rank - 1; axis++) j.rows *= plan->lengths[axis];
  if (j.rows == 0 || j.length == 0) return;
  j.pieces = kk_ceil_div(j.length, KK_GRAIN);
  if (j.pieces == 1) j.rows_per_chunk = kk_ceil_div(KK_GRAIN, j.length);
  kk_parallel((int)(kk_ceil_div(j.rows, j.rows_per_chunk) * j.pieces), chunk, &j);
}
