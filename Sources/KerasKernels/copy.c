#include "support.h"

// A row of elements, and a tile of rows whose neighbours in x are neighbours in another axis of y.
#define STRIDED(TYPE)                                                                                 \
  static void row_##TYPE(const TYPE *x, size_t xs, TYPE *y, size_t ys, size_t count) {                \
    if (xs == 1 && ys == 1) {                                                                         \
      memcpy(y, x, count * sizeof(TYPE));                                                             \
    } else {                                                                                          \
      for (size_t i = 0; i < count; i++) y[i * ys] = x[i * xs];                                       \
    }                                                                                                 \
  }                                                                                                   \
  static void tiles_##TYPE(                                                                           \
      const TYPE *x, TYPE *y, size_t rows, size_t x_rows, size_t y_rows, size_t count, size_t xs,     \
      size_t ys) {                                                                                    \
    enum { T = 16 };                                                                                  \
    for (size_t r0 = 0; r0 < rows; r0 += T) {                                                         \
      size_t r1 = kk_min(r0 + T, rows);                                                               \
      for (size_t i0 = 0; i0 < count; i0 += T) {                                                      \
        size_t n = kk_min(T, count - i0);                                                             \
        for (size_t r = r0; r < r1; r++) {                                                            \
          const TYPE *from = x + r * x_rows + i0 * xs;                                                \
          TYPE *to = y + r * y_rows + i0 * ys;                                                        \
          for (size_t i = 0; i < n; i++) to[i * ys] = from[i * xs];                                   \
        }                                                                                             \
      }                                                                                               \
    }                                                                                                 \
  }                                                                                                   \
  static void plane_##TYPE(                                                                           \
      const void *x, void *y, size_t rows, size_t x_rows, size_t y_rows, size_t count, size_t xs,     \
      size_t ys) {                                                                                    \
    if (x_rows == 1 && xs != 1) {                                                                     \
      tiles_##TYPE(x, y, rows, x_rows, y_rows, count, xs, ys);                                        \
    } else {                                                                                          \
      for (size_t r = 0; r < rows; r++) {                                                             \
        row_##TYPE((const TYPE *)x + r * x_rows, xs, (TYPE *)y + r * y_rows, ys, count);              \
      }                                                                                               \
    }                                                                                                 \
  }
STRIDED(uint8_t)
STRIDED(uint16_t)
STRIDED(uint32_t)
STRIDED(uint64_t)

typedef struct {
  const kk_copy_plan *plan;
  const char *x;
  char *y;
  size_t rows_per_chunk, row_chunks;
} job;

// The last two axes are a plane; a chunk is some rows of one plane.
static void chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  const kk_copy_plan *p = j->plan;
  int last = p->rank - 1;
  size_t rows = last ? p->lengths[last - 1] : 1, x_rows = last ? p->x_strides[last - 1] : 0;
  size_t y_rows = last ? p->y_strides[last - 1] : 0;
  size_t first = (size_t)i % j->row_chunks * j->rows_per_chunk, rest = (size_t)i / j->row_chunks;
  size_t x_base = first * x_rows, y_base = first * y_rows;
  for (int axis = last - 2; axis >= 0; axis--) {
    size_t index = rest % p->lengths[axis];
    rest /= p->lengths[axis];
    x_base += index * p->x_strides[axis];
    y_base += index * p->y_strides[axis];
  }
  const void *x = j->x + x_base * p->element_size;
  void *y = j->y + y_base * p->element_size;
  size_t count = kk_min(j->rows_per_chunk, rows - first), n = p->lengths[last];
  size_t xs = p->x_strides[last], ys = p->y_strides[last];
  switch (p->element_size) {
    case 1: plane_uint8_t(x, y, count, x_rows, y_rows, n, xs, ys); break;
    case 2: plane_uint16_t(x, y, count, x_rows, y_rows, n, xs, ys); break;
    case 4: plane_uint32_t(x, y, count, x_rows, y_rows, n, xs, ys); break;
    default: plane_uint64_t(x, y, count, x_rows, y_rows, n, xs, ys); break;
  }
}

void kk_copy(const kk_copy_plan *plan, const void *x, void *y) {
  int last = plan->rank - 1;
  size_t planes = 1, rows = last ? plan->lengths[last - 1] : 1;
  for (int axis = 0; axis < last - 1; axis++) planes *= plan->lengths[axis];
  if (planes == 0 || rows == 0 || plan->lengths[last] == 0) return;
  job j = {plan, x, y, kk_ceil_div(KK_GRAIN, plan->lengths[last]), 1};
  j.row_chunks = kk_ceil_div(rows, j.rows_per_chunk);
  kk_parallel((int)(planes * j.row_chunks), chunk, &j);
}

#define FILL(TYPE)                                                      \
  static void fill_##TYPE(void *y, const void *element, size_t count) { \
    TYPE value, *to = y;                                                \
    memcpy(&value, element, sizeof value);                              \
    for (size_t i = 0; i < count; i++) to[i] = value;                   \
  }
FILL(uint8_t)
FILL(uint16_t)
FILL(uint32_t)
FILL(uint64_t)

typedef struct {
  char *y;
  const void *element;
  size_t element_size, count;
} fill_job;

static void fill_chunk(void *pointer, int i, int worker) {
  fill_job *j = pointer;
  size_t first = (size_t)i * KK_GRAIN, n = kk_min(KK_GRAIN, j->count - first);
  char *y = j->y + first * j->element_size;
  switch (j->element_size) {
    case 1: fill_uint8_t(y, j->element, n); break;
    case 2: fill_uint16_t(y, j->element, n); break;
    case 4: fill_uint32_t(y, j->element, n); break;
    default: fill_uint64_t(y, j->element, n); break;
  }
}

void kk_fill(void *y, const void *element, size_t element_size, size_t count) {
  fill_job j = {y, element, element_size, count};
  kk_parallel((int)kk_ceil_div(count, KK_GRAIN), fill_chunk, &j);
}
