// Walks several tensors together, row by row, on all threads.
#pragma once

#include "support.h"

typedef struct {
  int rank;  // at least 1
  int operands;  // at most 3
  const size_t *lengths;
  const size_t *strides[3];
} kk_rows;

// `offsets` are elements from each operand's beginning; the result's come densely from `result`.
typedef void kk_row(const void *context, const size_t *offsets, size_t result, size_t count);

void kk_for_each_row(const kk_rows *rows, kk_row *body, const void *context);
