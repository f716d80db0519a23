// The product of a few rows of float32 with a packed matrix, for kernels that are made of such products.
#pragma once

#include "avx512.h"

#if defined(__x86_64__)

// A matrix [depth, columns] is packed in panels of 32 columns, [columns / 32][depth][32], the last one
// filled up with zeros.
enum { KK_PANEL = 32 };
KK_INLINE size_t kk_packed_count(size_t depth, size_t columns) {
  return kk_ceil_div(columns, KK_PANEL) * KK_PANEL * depth;
}

// y = a · panel for `rows` rows. 14 rows by two vectors fill 28 of the 32 registers; a step loads two vectors
// of the panel and one number of each row. Constant arguments make each call its own straight code.
KK_AVX512_INLINE void kk_product_rows(
    int rows, int vectors, const float *a, size_t a_stride, const float *panel, size_t depth, float *y,
    size_t y_stride) {
  __m512 sums[14][2];
  KK_UNROLL for (int i = 0; i < rows; i++) sums[i][0] = sums[i][1] = _mm512_setzero_ps();
  for (size_t k = 0; k < depth; k++) {
    __m512 b0 = _mm512_loadu_ps(panel + k * KK_PANEL), b1 = b0;
    if (vectors > 1) b1 = _mm512_loadu_ps(panel + k * KK_PANEL + 16);
    KK_UNROLL for (int i = 0; i < rows; i++) {
      __m512 one = _mm512_set1_ps(a[(size_t)i * a_stride + k]);
      sums[i][0] = _mm512_fmadd_ps(one, b0, sums[i][0]);
      if (vectors > 1) sums[i][1] = _mm512_fmadd_ps(one, b1, sums[i][1]);
    }
  }
  KK_UNROLL for (int i = 0; i < rows; i++) {
    _mm512_storeu_ps(y + (size_t)i * y_stride, sums[i][0]);
    if (vectors > 1) _mm512_storeu_ps(y + (size_t)i * y_stride + 16, sums[i][1]);
  }
}

// y = a · b with b packed; `columns` is a multiple of 16. Rows go in even portions of at most 14: 16 are 8 + 8.
KK_AVX512 static void kk_product(
    const float *a, size_t a_stride, size_t rows, const float *b, size_t depth, size_t columns, float *y,
    size_t y_stride) {
  size_t portions = kk_ceil_div(rows, 14);
  for (size_t c = 0; c < columns; c += KK_PANEL) {
    const float *panel = b + c * depth;
    size_t row = 0;
    for (size_t portion = 0; portion < portions; portion++) {
      int count = (int)(rows / portions + (portion < rows % portions));
      const float *from = a + row * a_stride;
      float *to = y + row * y_stride + c;
#define KK_CASE(ROWS)                                                                        \
  case ROWS:                                                                                 \
    if (columns - c > 16) {                                                                  \
      kk_product_rows(ROWS, 2, from, a_stride, panel, depth, to, y_stride);                  \
    } else {                                                                                 \
      kk_product_rows(ROWS, 1, from, a_stride, panel, depth, to, y_stride);                  \
    }                                                                                        \
    break;
      switch (count) {
        KK_CASE(1) KK_CASE(2) KK_CASE(3) KK_CASE(4) KK_CASE(5) KK_CASE(6) KK_CASE(7)
        KK_CASE(8) KK_CASE(9) KK_CASE(10) KK_CASE(11) KK_CASE(12) KK_CASE(13) KK_CASE(14)
      }
#undef KK_CASE
      row += (size_t)count;
    }
  }
}
#endif
