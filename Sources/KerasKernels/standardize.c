#include "vectors.h"

// Sixteen sums side by side, then their sum.
KK_INLINE float sum_of(kk_vector v) {
  float lanes[KK_LANES], sum = 0.0f;
  memcpy(lanes, &v, sizeof lanes);
  for (int i = 0; i < KK_LANES; i++) sum += lanes[i];
  return sum;
}

KK_INLINE void rows_inlined(bool is_narrow, const float *x, float *y, size_t rows, size_t n, float epsilon) {
  size_t whole = n / KK_LANES * KK_LANES;
  for (size_t row = 0; row < rows; row++, x += n, y += n) {
    kk_vector sums[2] = {kk_vector_of(0.0f), kk_vector_of(0.0f)};
    for (size_t i = 0; i < whole; i += KK_LANES) sums[i / KK_LANES % 2] += kk_vector_load(x + i, KK_LANES);
    float sum = sum_of(sums[0] + sums[1]);
    for (size_t i = whole; i < n; i++) sum += x[i];
    // Around the mean: the difference of large sums would leave few digits.
    float mean = sum / (float)n;
    kk_vector squares[2] = {kk_vector_of(0.0f), kk_vector_of(0.0f)};
    for (size_t i = 0; i < whole; i += KK_LANES) {
      kk_vector d = kk_vector_load(x + i, KK_LANES) - mean;
      squares[i / KK_LANES % 2] = kk_vector_fma(d, d, squares[i / KK_LANES % 2]);
    }
    float variance = sum_of(squares[0] + squares[1]);
    for (size_t i = whole; i < n; i++) variance += (x[i] - mean) * (x[i] - mean);
    float scale = 1.0f / sqrtf(variance / (float)n + epsilon);
    for (size_t i = 0; i < whole; i += KK_LANES) {
      kk_vector_store((kk_vector_load(x + i, KK_LANES) - mean) * scale, y + i, KK_LANES);
    }
    for (size_t i = whole; i < n; i++) y[i] = (x[i] - mean) * scale;
  }
}

KK_VECTOR_VERSIONS(
    standardize_rows, rows_inlined, (const float *x, float *y, size_t rows, size_t n, float epsilon),
    x, y, rows, n, epsilon)

typedef struct {
  const float *x;
  float *y;
  size_t rows, n, rows_per_chunk;
  float epsilon;
} job;

static void chunk(void *pointer, int i, int worker) {
  const job *j = pointer;
  size_t first = (size_t)i * j->rows_per_chunk, rows = kk_min(j->rows_per_chunk, j->rows - first);
  standardize_rows(j->x + first * j->n, j->y + first * j->n, rows, j->n, j->epsilon);
}

void kk_standardize(const float *x, float *y, size_t rows, size_t n, float epsilon) {
  if (rows == 0 || n == 0) return;
  job j = {x, y, rows, n, kk_ceil_div(KK_GRAIN, n), epsilon};
  kk_parallel((int)kk_ceil_div(rows, j.rows_per_chunk), chunk, &j);
}
