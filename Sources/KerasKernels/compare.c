#include "rows.h"

// The LOOP of the function that it stands in, with the operator of `op`.
#define EACH_COMPARISON              \
  switch (op) {                      \
    case KK_EQUAL: LOOP(==);         \
    case KK_NOT_EQUAL: LOOP(!=);     \
    case KK_LESS: LOOP(<);           \
    case KK_LESS_EQUAL: LOOP(<=);    \
    case KK_GREATER: LOOP(>);        \
    case KK_GREATER_EQUAL: LOOP(>=); \
  }

// One side may be a number that is stretched along the row.
#define LOOP(OPERATOR)                                                                \
  if (a_stride && b_stride) {                                                         \
    KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = a[i] OPERATOR b[i];      \
  } else if (a_stride) {                                                              \
    const float v = *b;                                                               \
    KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = a[i] OPERATOR v;         \
  } else if (b_stride) {                                                              \
    const float u = *a;                                                               \
    KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = u OPERATOR b[i];         \
  } else {                                                                            \
    memset(y, *a OPERATOR *b, count);                                                 \
  }                                                                                   \
  break

KK_MULTIVERSION static void compare(
    kk_comparison op, const float *a, size_t a_stride, const float *b, size_t b_stride, uint8_t *y,
    size_t count) {
  EACH_COMPARISON
}

typedef struct {
  const kk_comparison_plan *plan;
  const float *a, *b;
  uint8_t *y;
} comparison;

static void compare_row(const void *pointer, const size_t *offsets, size_t result, size_t count) {
  const comparison *c = pointer;
  int last = c->plan->rank - 1;
  compare(
      c->plan->op, c->a + offsets[0], c->plan->a_strides[last], c->b + offsets[1], c->plan->b_strides[last],
      c->y + result, count);
}

void kk_compare(const kk_comparison_plan *plan, const float *a, const float *b, uint8_t *y) {
  comparison c = {plan, a, b, y};
  kk_rows rows = {plan->rank, 2, plan->lengths, {plan->a_strides, plan->b_strides}};
  kk_for_each_row(&rows, compare_row, &c);
}

// --- Blocks of chains ------------------------------------------------------------------------------------

#undef LOOP
#define LOOP(OPERATOR)                                                                          \
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = a[i] OPERATOR b[i] ? 1.0f : 0.0f;    \
  break

KK_MULTIVERSION static void compare_block(
    kk_comparison op, const float *a, const float *b, float *y, size_t count) {
  EACH_COMPARISON
}

void kk_compare_block(kk_comparison op, const float *a, const float *b, float *y, size_t count) {
  compare_block(op, a, b, y, count);
}

KK_MULTIVERSION static void select_block(const float *c, const float *a, const float *b, float *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
    float u = a[i], v = b[i];
    y[i] = c[i] != 0.0f ? u : v;
  }
}

void kk_select_block(const float *c, const float *a, const float *b, float *y, size_t count) {
  select_block(c, a, b, y, count);
}

// --- Selection -------------------------------------------------------------------------------------------

KK_MULTIVERSION static void choose(
    const uint8_t *c, const float *a, size_t a_stride, const float *b, size_t b_stride, float *y, size_t count) {
  if (a_stride && b_stride) {
    KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = c[i] ? a[i] : b[i];
  } else if (a_stride) {
    const float v = *b;
    KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = c[i] ? a[i] : v;
  } else if (b_stride) {
    const float u = *a;
    KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = c[i] ? u : b[i];
  } else {
    const float u = *a, v = *b;
    KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = c[i] ? u : v;
  }
}

typedef struct {
  const kk_selection_plan *plan;
  const uint8_t *condition;
  const float *a, *b;
  float *y;
} selection;

static void select_row(const void *pointer, const size_t *offsets, size_t result, size_t count) {
  const selection *s = pointer;
  int last = s->plan->rank - 1;
  const uint8_t *condition = s->condition + offsets[0];
  const float *a = s->a + offsets[1], *b = s->b + offsets[2];
  size_t a_stride = s->plan->a_strides[last], b_stride = s->plan->b_strides[last];
  if (s->plan->condition_strides[last]) {
    choose(condition, a, a_stride, b, b_stride, s->y + result, count);
    return;
  }
  const float *chosen = *condition ? a : b;
  size_t stride = *condition ? a_stride : b_stride;
  for (size_t i = 0; i < count; i++) s->y[result + i] = chosen[i * stride];
}

void kk_select(
    const kk_selection_plan *plan, const uint8_t *condition, const float *a, const float *b, float *y) {
  selection s = {plan, condition, a, b, y};
  kk_rows rows = {plan->rank, 3, plan->lengths, {plan->condition_strides, plan->a_strides, plan->b_strides}};
  kk_for_each_row(&rows, select_row, &s);
}
