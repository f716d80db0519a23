#include "rows.h"

typedef struct {
  const kk_rows *rows;
  kk_row *body;
  const void *context;
  size_t count, length, rows_per_chunk, pieces;
} job;

static void chunk(void *pointer, int i, int worker) {
  const job *j = pointer;
  const kk_rows *r = j->rows;
  int last = r->rank - 1;
  size_t first = (size_t)i / j->pieces * j->rows_per_chunk, end = kk_min(first + j->rows_per_chunk, j->count);
  size_t piece = j->pieces == 1 ? j->length : KK_GRAIN;
  size_t from = (size_t)i % j->pieces * piece, count = kk_min(piece, j->length - from);
  for (size_t row = first; row < end; row++) {
    size_t offsets[3] = {0, 0, 0}, rest = row;
    for (int operand = 0; operand < r->operands; operand++) offsets[operand] = from * r->strides[operand][last];
    for (int axis = last - 1; axis >= 0; axis--) {
      size_t index = rest % r->lengths[axis];
      rest /= r->lengths[axis];
      for (int operand = 0; operand < r->operands; operand++) {
        offsets[operand] += index * r->strides[operand][axis];
      }
    }
    j->body(j->context, offsets, row * j->length + from, count);
  }
}

void kk_for_each_row(const kk_rows *rows, kk_row *body, const void *context) {
  job j = {rows, body, context, 1, rows->lengths[rows->rank - 1], 1, 1};
  for (int axis = 0; axis < rows->rank - 1; axis++) j.count *= rows->lengths[axis];
  if (j.count == 0 || j.length == 0) return;
  j.pieces = kk_ceil_div(j.length, KK_GRAIN);
  if (j.pieces == 1) j.rows_per_chunk = kk_ceil_div(KK_GRAIN, j.length);
  kk_parallel((int)(kk_ceil_div(j.count, j.rows_per_chunk) * j.pieces), chunk, &j);
}
