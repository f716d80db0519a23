// LSTM and GRU: a product with the recurrent kernel and the gates, step by step. Rows of a batch do not know each
// other, so every thread takes some of them through all steps, and nobody waits for anybody.
#include "vectors.h"

// Rows whose sums stay in registers: 6 rows of 4 gates fill 24 of 32. Narrow registers hold the sums of half a vector
// each: 12 of 16 those of 6 rows and two gates, or of 3 rows and all four.
enum { ROWS = 6, GRADIENT_ROWS = 12, NARROW_ROWS = 6 };

KK_INLINE size_t gates_of(const kk_recurrent_plan *p) { return p->cell == KK_LSTM ? 4 : 3; }
KK_INLINE size_t blocks_of(size_t count) { return kk_ceil_div(count, KK_LANES); }

// --- Weights ---------------------------------------------------------------------------------------------

// [blocks of 16 units][depth][gates][16]: what one block of units needs, in the order it is needed.
size_t kk_recurrent_weight_count(const kk_recurrent_plan *p) {
  return blocks_of(p->units) * p->units * gates_of(p) * KK_LANES;
}

void kk_recurrent_pack(const kk_recurrent_plan *p, const float *kernel, float *packed) {
  size_t units = p->units, gates = gates_of(p), width = gates * units;
  for (size_t block = 0; block < blocks_of(units); block++) {
    size_t first = block * KK_LANES, count = kk_min(KK_LANES, units - first);
    for (size_t k = 0; k < units; k++) {
      for (size_t gate = 0; gate < gates; gate++, packed += KK_LANES) {
        memset(packed, 0, KK_LANES * sizeof(float));
        memcpy(packed, kernel + k * width + gate * units + first, count * sizeof(float));
      }
    }
  }
}

// Transposed, for the way back: [blocks of 32 units][gates · units][32].
enum { PANEL = 2 * KK_LANES };
size_t kk_recurrent_gradient_weight_count(const kk_recurrent_plan *p) {
  return kk_ceil_div(p->units, PANEL) * gates_of(p) * p->units * PANEL;
}

void kk_recurrent_gradient_pack(const kk_recurrent_plan *p, const float *kernel, float *packed) {
  size_t units = p->units, width = gates_of(p) * units;
  memset(packed, 0, kk_recurrent_gradient_weight_count(p) * sizeof(float));
  for (size_t u = 0; u < units; u++) {
    float *column = packed + u / PANEL * width * PANEL + u % PANEL;
    for (size_t k = 0; k < width; k++) column[k * PANEL] = kernel[u * width + k];
  }
}

// --- Forwards --------------------------------------------------------------------------------------------

typedef struct {
  const kk_recurrent_plan *p;
  const float *projections, *h, *c, *packed, *bias;
  const uint8_t *mask;
  float *states, *cells, *saved;
  size_t rows_per_chunk;
} job;

// Some rows of a batch at one step.
typedef struct {
  size_t row, place;  // of the first row: in the batch, and among all rows of all steps
  const float *h, *c;  // before the step
} place;

// Sums of half a block of units and some gates, in narrow registers.
KK_INLINE void multiply_half(
    int rows, int first, int some, int half, int gates, const float *h, size_t units, const float *panel,
    kk_vector sums[ROWS][4]) {
  kk_half parts[ROWS][4];
  panel += first * KK_LANES + half * KK_LANES / 2;
  KK_UNROLLED for (int r = 0; r < rows; r++) {
    KK_UNROLLED for (int g = 0; g < some; g++) {
      memcpy(&parts[r][g], (float *)&sums[r][first + g] + half * KK_LANES / 2, sizeof(kk_half));
    }
  }
  for (size_t k = 0; k < units; k++, panel += (size_t)gates * KK_LANES) {
    kk_half weights[4];
    KK_UNROLLED for (int g = 0; g < some; g++) memcpy(&weights[g], panel + g * KK_LANES, sizeof(kk_half));
    KK_UNROLLED for (int r = 0; r < rows; r++) {
      kk_half one = (kk_half)(h[(size_t)r * units + k]);
      KK_UNROLLED for (int g = 0; g < some; g++) {
        parts[r][g] = __builtin_elementwise_fma(one, weights[g], parts[r][g]);
      }
    }
  }
  KK_UNROLLED for (int r = 0; r < rows; r++) {
    KK_UNROLLED for (int g = 0; g < some; g++) {
      memcpy((float *)&sums[r][first + g] + half * KK_LANES / 2, &parts[r][g], sizeof(kk_half));
    }
  }
}

// Sums of one block of units: gates × rows, added to what they hold.
KK_INLINE void multiply(
    bool is_narrow, int rows, int gates, const float *h, size_t units, const float *panel, kk_vector sums[ROWS][4]) {
  if (is_narrow && rows > 1) {
    KK_UNROLLED for (int half = 0; half < 2; half++) {
      if (rows > 3) {
        multiply_half(rows, 0, 2, half, gates, h, units, panel, sums);
        multiply_half(rows, 2, gates - 2, half, gates, h, units, panel, sums);
      } else {
        multiply_half(rows, 0, gates, half, gates, h, units, panel, sums);
      }
    }
    return;
  }
  for (size_t k = 0; k < units; k++, panel += (size_t)gates * KK_LANES) {
    kk_vector weights[4];
    KK_UNROLLED for (int g = 0; g < gates; g++) memcpy(&weights[g], panel + g * KK_LANES, sizeof(kk_vector));
    KK_UNROLLED for (int r = 0; r < rows; r++) {
      kk_vector one = kk_vector_of(h[(size_t)r * units + k]);
      KK_UNROLLED for (int g = 0; g < gates; g++) sums[r][g] = kk_vector_fma(one, weights[g], sums[r][g]);
    }
  }
}

KK_INLINE void save(const job *j, size_t at, size_t u, size_t count, const kk_vector gates[4]) {
  if (!j->saved) return;
  for (size_t g = 0; g < 4; g++) {
    kk_vector_store(gates[g], j->saved + (at * 4 + g) * j->p->units + u, count);
  }
}

KK_INLINE void lstm_rows(bool is_narrow, const job *j, place at, int rows, size_t u, size_t count, const float *panel) {
  size_t units = j->p->units;
  kk_vector sums[ROWS][4];
  KK_UNROLLED for (int r = 0; r < rows; r++) {
    const float *x = j->projections + (at.place + (size_t)r) * 4 * units + u;
    KK_UNROLLED for (int g = 0; g < 4; g++) sums[r][g] = kk_vector_load(x + (size_t)g * units, count);
  }
  multiply(is_narrow, rows, 4, at.h + at.row * units, units, panel, sums);
  KK_UNROLLED for (int r = 0; r < rows; r++) {
    size_t here = at.place + (size_t)r, before = (at.row + (size_t)r) * units + u;
    kk_vector gates[4] = {
        kk_vector_sigmoid(sums[r][0]), kk_vector_sigmoid(sums[r][1]), kk_vector_tanh(sums[r][2]),
        kk_vector_sigmoid(sums[r][3])};
    kk_vector old = kk_vector_load(at.c + before, count);
    kk_vector c = gates[1] * old + gates[0] * gates[2], h = gates[3] * kk_vector_tanh(c);
    save(j, here, u, count, gates);
    if (j->mask && !j->mask[here]) c = old, h = kk_vector_load(at.h + before, count);
    kk_vector_store(c, j->cells + here * units + u, count);
    kk_vector_store(h, j->states + here * units + u, count);
  }
}

KK_INLINE void gru_rows(bool is_narrow, const job *j, place at, int rows, size_t u, size_t count, const float *panel) {
  size_t units = j->p->units;
  kk_vector sums[ROWS][4];
  KK_UNROLLED for (int g = 0; g < 3; g++) {
    kk_vector bias = kk_vector_load(j->bias + (size_t)g * units + u, count);
    KK_UNROLLED for (int r = 0; r < rows; r++) sums[r][g] = bias;
  }
  multiply(is_narrow, rows, 3, at.h + at.row * units, units, panel, sums);
  KK_UNROLLED for (int r = 0; r < rows; r++) {
    size_t here = at.place + (size_t)r, before = (at.row + (size_t)r) * units + u;
    const float *x = j->projections + here * 3 * units + u;
    kk_vector z = kk_vector_sigmoid(sums[r][0] + kk_vector_load(x, count));
    kk_vector reset = kk_vector_sigmoid(sums[r][1] + kk_vector_load(x + units, count));
    kk_vector g = kk_vector_tanh(kk_vector_load(x + 2 * units, count) + reset * sums[r][2]);
    kk_vector gates[4] = {z, reset, g, sums[r][2]};
    kk_vector old = kk_vector_load(at.h + before, count), h = z * old + (1.0f - z) * g;
    save(j, here, u, count, gates);
    if (j->mask && !j->mask[here]) h = old;
    kk_vector_store(h, j->states + here * units + u, count);
  }
}

#define CASE(FUNCTION, ROWS) \
  case ROWS: FUNCTION(is_narrow, j, at, ROWS, u, count, panel); break;

// All units of some rows at one step, block by block, a block's weights staying in the nearest cache.
KK_INLINE void step_rows(bool is_narrow, const job *j, place start, size_t rows) {
  size_t units = j->p->units, gates = gates_of(j->p), portions = kk_ceil_div(rows, ROWS);
  for (size_t u = 0; u < units; u += KK_LANES) {
    const float *panel = j->packed + u * units * gates;
    size_t count = kk_min(KK_LANES, units - u);
    place at = start;
    for (size_t portion = 0; portion < portions; portion++) {
      size_t some = rows / portions + (portion < rows % portions);
      if (gates == 4) {
        switch (some) {
          CASE(lstm_rows, 1) CASE(lstm_rows, 2) CASE(lstm_rows, 3) CASE(lstm_rows, 4) CASE(lstm_rows, 5)
          CASE(lstm_rows, 6)
        }
      } else {
        switch (some) {
          CASE(gru_rows, 1) CASE(gru_rows, 2) CASE(gru_rows, 3) CASE(gru_rows, 4) CASE(gru_rows, 5)
          CASE(gru_rows, 6)
        }
      }
      at.row += some;
      at.place += some;
    }
  }
}

KK_INLINE void run_inlined(bool is_narrow, const job *j, size_t first, size_t rows) {
  const kk_recurrent_plan *p = j->p;
  const float *h = j->h, *c = j->c;
  for (size_t number = 0; number < p->steps; number++) {
    size_t step = p->reversed ? p->steps - 1 - number : number, start = step * p->batch;
    step_rows(is_narrow, j, (place){first, start + first, h, c}, rows);
    h = j->states + start * p->units;
    if (j->cells) c = j->cells + start * p->units;
  }
}

KK_VECTOR_VERSIONS(run_rows, run_inlined, (const job *j, size_t first, size_t rows), j, first, rows)

static void chunk(void *pointer, int i, int worker) {
  const job *j = pointer;
  size_t first = (size_t)i * j->rows_per_chunk;
  run_rows(j, first, kk_min(j->rows_per_chunk, j->p->batch - first));
}

// Every thread the same number of rows; large batches in portions whose states stay near.
static size_t rows_per_chunk(const kk_recurrent_plan *p) {
  size_t share = kk_ceil_div(p->batch, (size_t)kk_thread_count());
  return share > 24 ? 24 : share;
}

void kk_recurrent(
    const kk_recurrent_plan *p, const float *projections, const float *h, const float *c, const float *packed,
    const float *bias, const uint8_t *mask, float *states, float *cells, float *saved) {
  if (p->steps == 0 || p->batch == 0 || p->units == 0) return;
  job j = {p, projections, h, c, packed, bias, mask, states, cells, saved, rows_per_chunk(p)};
  kk_parallel((int)kk_ceil_div(p->batch, j.rows_per_chunk), chunk, &j);
}

// --- Backwards -------------------------------------------------------------------------------------------

typedef struct {
  const kk_recurrent_plan *p;
  const float *saved, *states, *h, *cells, *c, *packed, *upstream, *cell_upstream;
  const uint8_t *mask;
  float *projections, *dh, *third;
  size_t rows_per_chunk;
} gradient_job;

// Replaces what the state after a step gets back by what goes past the product to the state before it, and leaves
// what the gates get back.
KK_INLINE void undo_lstm(
    const gradient_job *j, size_t row, size_t here, const float *c_before, size_t u, size_t count) {
  size_t units = j->p->units, at = row * units + u;
  kk_vector total = kk_vector_load(j->dh + at, count) + kk_vector_load(j->upstream + here * units + u, count);
  kk_vector cell_total =
      kk_vector_load(j->third + at, count) + kk_vector_load(j->cell_upstream + here * units + u, count);
  float *gates = j->projections + here * 4 * units + u;
  kk_vector zero = kk_vector_of(0.0f);
  if (j->mask && !j->mask[here]) {
    for (size_t g = 0; g < 4; g++) kk_vector_store(zero, gates + g * units, count);
    kk_vector_store(total, j->dh + at, count);
    kk_vector_store(cell_total, j->third + at, count);
    return;
  }
  const float *saved = j->saved + here * 4 * units + u;
  kk_vector i = kk_vector_load(saved, count), f = kk_vector_load(saved + units, count);
  kk_vector g = kk_vector_load(saved + 2 * units, count), o = kk_vector_load(saved + 3 * units, count);
  kk_vector bent = kk_vector_tanh(kk_vector_load(j->cells + here * units + u, count));
  kk_vector d = cell_total + total * o * (1.0f - bent * bent);
  kk_vector_store(d * g * i * (1.0f - i), gates, count);
  kk_vector_store(d * kk_vector_load(c_before + at, count) * f * (1.0f - f), gates + units, count);
  kk_vector_store(d * i * (1.0f - g * g), gates + 2 * units, count);
  kk_vector_store(total * bent * o * (1.0f - o), gates + 3 * units, count);
  kk_vector_store(zero, j->dh + at, count);
  kk_vector_store(d * f, j->third + at, count);
}

KK_INLINE void undo_gru(
    const gradient_job *j, size_t row, size_t here, const float *h_before, size_t u, size_t count) {
  size_t units = j->p->units, at = row * units + u;
  kk_vector total = kk_vector_load(j->dh + at, count) + kk_vector_load(j->upstream + here * units + u, count);
  float *gates = j->projections + here * 3 * units + u, *products = j->third + here * 3 * units + u;
  kk_vector dz = kk_vector_of(0.0f), dr = dz, dg = dz, dq = dz, past = total;
  if (!j->mask || j->mask[here]) {
    const float *saved = j->saved + here * 4 * units + u;
    kk_vector z = kk_vector_load(saved, count), r = kk_vector_load(saved + units, count);
    kk_vector g = kk_vector_load(saved + 2 * units, count), q = kk_vector_load(saved + 3 * units, count);
    dg = total * (1.0f - z) * (1.0f - g * g);
    dz = total * (kk_vector_load(h_before + at, count) - g) * z * (1.0f - z);
    dr = dg * q * r * (1.0f - r);
    dq = dg * r;
    past = total * z;
  }
  kk_vector_store(dz, gates, count);
  kk_vector_store(dr, gates + units, count);
  kk_vector_store(dg, gates + 2 * units, count);
  kk_vector_store(dz, products, count);
  kk_vector_store(dr, products + units, count);
  kk_vector_store(dq, products + 2 * units, count);
  kk_vector_store(past, j->dh + at, count);
}

// dh += products · kernelᵀ for some rows and half a panel of units, in narrow registers.
KK_INLINE void add_narrow_product(
    int rows, const float *products, size_t width, const float *panel, float *dh, size_t units, size_t u, int half) {
  size_t count = kk_min(KK_LANES, units - u - half * KK_LANES);
  panel += half * KK_LANES;
  dh += half * KK_LANES;
  kk_half sums[NARROW_ROWS][2];
  KK_UNROLLED for (int r = 0; r < rows; r++) {
    kk_vector old = kk_vector_load(dh + (size_t)r * units, count);
    sums[r][0] = old.lo;
    sums[r][1] = old.hi;
  }
  for (size_t k = 0; k < width; k++) {
    kk_half a, b;
    memcpy(&a, panel + k * PANEL, sizeof a);
    memcpy(&b, panel + k * PANEL + KK_LANES / 2, sizeof b);
    KK_UNROLLED for (int r = 0; r < rows; r++) {
      kk_half one = (kk_half)(products[(size_t)r * width + k]);
      sums[r][0] = __builtin_elementwise_fma(one, a, sums[r][0]);
      sums[r][1] = __builtin_elementwise_fma(one, b, sums[r][1]);
    }
  }
  KK_UNROLLED for (int r = 0; r < rows; r++) {
    kk_vector sum;
    sum.lo = sums[r][0];
    sum.hi = sums[r][1];
    kk_vector_store(sum, dh + (size_t)r * units, count);
  }
}

// The same for a whole panel.
KK_INLINE void add_product(
    int rows, const float *products, size_t width, const float *panel, float *dh, size_t units, size_t u) {
  kk_vector sums[GRADIENT_ROWS][2];
  size_t counts[2] = {kk_min(KK_LANES, units - u), units - u > KK_LANES ? kk_min(KK_LANES, units - u - KK_LANES) : 0};
  KK_UNROLLED for (int r = 0; r < rows; r++) {
    KK_UNROLLED for (int v = 0; v < 2; v++) {
      sums[r][v] = kk_vector_load(dh + (size_t)r * units + (size_t)v * KK_LANES, counts[v]);
    }
  }
  for (size_t k = 0; k < width; k++) {
    kk_vector a, b;
    memcpy(&a, panel + k * PANEL, sizeof a);
    memcpy(&b, panel + k * PANEL + KK_LANES, sizeof b);
    KK_UNROLLED for (int r = 0; r < rows; r++) {
      kk_vector one = kk_vector_of(products[(size_t)r * width + k]);
      sums[r][0] = kk_vector_fma(one, a, sums[r][0]);
      sums[r][1] = kk_vector_fma(one, b, sums[r][1]);
    }
  }
  KK_UNROLLED for (int r = 0; r < rows; r++) {
    KK_UNROLLED for (int v = 0; v < 2; v++) {
      kk_vector_store(sums[r][v], dh + (size_t)r * units + (size_t)v * KK_LANES, counts[v]);
    }
  }
}

#define PRODUCT_CASE(ROWS) \
  case ROWS: add_product(ROWS, from, width, panel, to, units, u); break;
#define NARROW_CASE(ROWS)                                                        \
  case GRADIENT_ROWS + ROWS:                                                                     \
    add_narrow_product(ROWS, from, width, panel, to, units, u, 0);               \
    if (units - u > KK_LANES) add_narrow_product(ROWS, from, width, panel, to, units, u, 1); \
    break;

KK_INLINE void add_products(
    bool is_narrow, const float *products, size_t width, const float *packed, float *dh, size_t units, size_t rows) {
  size_t portions = kk_ceil_div(rows, is_narrow ? NARROW_ROWS : GRADIENT_ROWS);
  for (size_t u = 0; u < units; u += PANEL) {
    const float *panel = packed + u * width, *from = products;
    float *to = dh + u;
    for (size_t portion = 0; portion < portions; portion++) {
      size_t some = rows / portions + (portion < rows % portions);
      switch (is_narrow && some > 3 ? GRADIENT_ROWS + some : some) {
        NARROW_CASE(4) NARROW_CASE(5) NARROW_CASE(6)
        PRODUCT_CASE(1) PRODUCT_CASE(2) PRODUCT_CASE(3) PRODUCT_CASE(4) PRODUCT_CASE(5) PRODUCT_CASE(6)
        PRODUCT_CASE(7) PRODUCT_CASE(8) PRODUCT_CASE(9) PRODUCT_CASE(10) PRODUCT_CASE(11) PRODUCT_CASE(12)
      }
      from += some * width;
      to += some * units;
    }
  }
}

KK_INLINE void undo_inlined(bool is_narrow, const gradient_job *j, size_t first, size_t rows) {
  const kk_recurrent_plan *p = j->p;
  size_t units = p->units, width = gates_of(p) * units;
  bool is_lstm = p->cell == KK_LSTM;
  memset(j->dh + first * units, 0, rows * units * sizeof(float));
  if (is_lstm) memset(j->third + first * units, 0, rows * units * sizeof(float));
  for (size_t number = 0; number < p->steps; number++) {
    size_t step = p->reversed ? number : p->steps - 1 - number, start = step * p->batch;
    size_t before = (p->reversed ? step + 1 : step - 1) * p->batch * units;
    bool is_first = number == p->steps - 1;
    const float *old = is_lstm ? (is_first ? j->c : j->cells + before) : (is_first ? j->h : j->states + before);
    for (size_t row = first; row < first + rows; row++) {
      for (size_t u = 0; u < units; u += KK_LANES) {
        size_t count = kk_min(KK_LANES, units - u);
        if (is_lstm) {
          undo_lstm(j, row, start + row, old, u, count);
        } else {
          undo_gru(j, row, start + row, old, u, count);
        }
      }
    }
    const float *products = (is_lstm ? j->projections : j->third) + (start + first) * width;
    add_products(is_narrow, products, width, j->packed, j->dh + first * units, units, rows);
  }
}

KK_VECTOR_VERSIONS(undo_rows, undo_inlined, (const gradient_job *j, size_t first, size_t rows), j, first, rows)

static void gradient_chunk(void *pointer, int i, int worker) {
  const gradient_job *j = pointer;
  size_t first = (size_t)i * j->rows_per_chunk;
  undo_rows(j, first, kk_min(j->rows_per_chunk, j->p->batch - first));
}

void kk_recurrent_gradient(
    const kk_recurrent_plan *p, const float *saved, const float *states, const float *h, const float *cells,
    const float *c, const float *packed, const float *upstream, const float *cell_upstream,
    const uint8_t *mask, float *projections, float *dh, float *third) {
  if (p->batch == 0 || p->units == 0) return;
  gradient_job j = {
      p, saved, states, h, cells, c, packed, upstream, cell_upstream, mask, projections, dh, third,
      rows_per_chunk(p)};
  kk_parallel((int)kk_ceil_div(p->batch, j.rows_per_chunk), gradient_chunk, &j);
}
