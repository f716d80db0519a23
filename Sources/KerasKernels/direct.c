// Convolutions as products of matrices that are not laid out first: where a window lies, each of its rows is a stretch of
// memory, so that a result needs no more of an image than where the stretches begin.
#include "avx512.h"
#include "support.h"

#if defined(__x86_64__)
// 6 results by two vectors of filters fill 12 of 16 registers.
enum { LANES = 8, PANEL = 2 * LANES, ROWS = 6 };
// Results that are computed while the weights of a panel are read once, and bytes of images they may be of: both stay in a
// core's second cache.
enum { MOST_RESULTS = 288, IMAGE_BYTES = 192 << 10 };
// Pieces of work, at least, where there is as much: threads that are held up leave theirs to others.
enum { PIECES = 16 };

#define DIRECT __attribute__((target("avx2,fma")))
#define DIRECT_INLINE static inline __attribute__((always_inline, target("avx2,fma")))

typedef float vector __attribute__((ext_vector_type(LANES)));

DIRECT_INLINE vector load(const float *x) {
  vector v;
  memcpy(&v, x, sizeof v);
  return v;
}
DIRECT_INLINE void store(float *y, vector v) { memcpy(y, &v, sizeof v); }

// The images as they lie, or a copy of some rows with padding around them.
typedef struct {
  const float *first;
  size_t row, image;  // floats from one to the next
} source;

typedef struct {
  const kk_direct_plan *p;
  const float *x, *packed, *bias, *residual;
  float *y, *scratch;
  // A block is some results one after the other; with padding, whole rows of one image.
  size_t results, block, rows, blocks_of_image, groups;
} job;

KK_INLINE size_t depth_of(const kk_direct_plan *p) { return p->window[0] * p->window[1] * p->channels; }
KK_INLINE size_t panels_of(const kk_direct_plan *p) { return kk_ceil_div(p->filters, PANEL); }

KK_INLINE bool is_padded(const kk_direct_plan *p) {
  return p->top > 0 || p->left > 0 || (p->out_height - 1) * p->strides[0] + p->window[0] > p->height ||
         (p->out_width - 1) * p->strides[1] + p->window[1] > p->width;
}

// Rows and columns of an image that a block of `rows` rows of results reads.
KK_INLINE size_t rows_read(const kk_direct_plan *p, size_t rows) {
  return (rows - 1) * p->strides[0] + p->window[0];
}
KK_INLINE size_t columns_read(const kk_direct_plan *p) {
  return (p->out_width - 1) * p->strides[1] + p->window[1];
}

static job job_of(const kk_direct_plan *p) {
  job j = {.p = p, .results = p->batch * p->out_height * p->out_width};
  size_t bytes = p->strides[0] * p->strides[1] * p->channels * sizeof(float);
  size_t most = kk_min(MOST_RESULTS, IMAGE_BYTES / bytes);
  most = most < 4 * ROWS ? 4 * ROWS : most;
  j.block = kk_min(most / ROWS * ROWS, j.results);
  size_t blocks = kk_ceil_div(j.results, j.block);
  if (is_padded(p)) {
    // Rows in even shares.
    size_t rows = most / p->out_width;
    j.blocks_of_image = kk_ceil_div(p->out_height, rows > 0 ? rows : 1);
    j.rows = kk_ceil_div(p->out_height, j.blocks_of_image);
    j.blocks_of_image = kk_ceil_div(p->out_height, j.rows);
    blocks = j.blocks_of_image * p->batch;
  }
  j.groups = kk_min(panels_of(p), kk_ceil_div(PIECES, blocks));
  return j;
}

KK_INLINE size_t blocks_of(const job *j) {
  return j->blocks_of_image > 0 ? j->blocks_of_image * j->p->batch : kk_ceil_div(j->results, j->block);
}

bool kk_direct_suits(const kk_direct_plan *p) {
  // With AVX-512 oneDNN's own code is as fast.
  return !kk_has_avx512() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && p->filters % LANES == 0;
}

size_t kk_direct_weight_count(const kk_direct_plan *p) { return panels_of(p) * PANEL * depth_of(p); }

size_t kk_direct_scratch_count(const kk_direct_plan *p, int threads) {
  job j = job_of(p);
  return is_padded(p) ? (size_t)threads * rows_read(p, j.rows) * columns_read(p) * p->channels : 0;
}

// --- Weights: [filters / PANEL][depth][PANEL] -------------------------------------------------------------

typedef struct {
  const kk_direct_plan *p;
  const float *kernel, *scale;
  float *packed;
} packing;

static void pack_panel(void *pointer, int i, int worker) {
  packing *j = pointer;
  const kk_direct_plan *p = j->p;
  size_t depth = depth_of(p), first = (size_t)i * PANEL, count = kk_min(PANEL, p->filters - first);
  float *to = j->packed + first * depth;
  for (size_t k = 0; k < depth; k++, to += PANEL) {
    for (size_t f = 0; f < PANEL; f++) {
      size_t place = p->is_transposed ? (first + f) * depth + k : k * p->filters + first + f;
      to[f] = f < count ? j->kernel[place] * (j->scale ? j->scale[first + f] : 1) : 0;
    }
  }
}

void kk_direct_pack(const kk_direct_plan *p, const float *kernel, const float *scale, float *packed) {
  packing j = {p, kernel, scale, packed};
  kk_parallel((int)panels_of(p), pack_panel, &j);
}

// --- Results ---------------------------------------------------------------------------------------------

// Some results one after the other, by one or two vectors of filters: sums over `parts` stretches of `length` numbers, the
// first of which begin at `a` and the others `part` further each.
DIRECT_INLINE void multiply(
    int rows, int vectors, const float *const *a, size_t parts, size_t part, size_t length, const float *panel,
    vector sums[ROWS][2]) {
  KK_UNROLL for (int i = 0; i < rows; i++) {
    KK_UNROLL for (int v = 0; v < vectors; v++) sums[i][v] = (vector)(0);
  }
  for (size_t at = 0; at < parts; at++) {
    const float *from[ROWS];
    KK_UNROLL for (int i = 0; i < rows; i++) from[i] = a[i] + at * part;
    for (size_t k = 0; k < length; k++, panel += PANEL) {
      vector b[2];
      KK_UNROLL for (int v = 0; v < vectors; v++) b[v] = load(panel + v * LANES);
      KK_UNROLL for (int i = 0; i < rows; i++) {
        vector one = (vector)(from[i][k]);
        KK_UNROLL for (int v = 0; v < vectors; v++) {
          sums[i][v] = __builtin_elementwise_fma(one, b[v], sums[i][v]);
        }
      }
    }
  }
}

DIRECT_INLINE void finish(
    const job *j, int rows, int vectors, vector sums[ROWS][2], size_t result, size_t filter) {
  const kk_direct_plan *p = j->p;
  vector low = (vector)(p->low), high = (vector)(p->high);
  KK_UNROLL for (int v = 0; v < vectors; v++) {
    size_t f = filter + (size_t)v * LANES;
    vector bias = j->bias ? load(j->bias + f) : (vector)(0);
    KK_UNROLL for (int i = 0; i < rows; i++) {
      size_t place = (result + (size_t)i) * p->filters + f;
      vector sum = sums[i][v] + bias;
      if (j->residual) sum += load(j->residual + place);
      // What is no number stays none.
      sum = sum < low ? low : sum;
      sum = sum > high ? high : sum;
      store(j->y + place, sum);
    }
  }
}

// Results `from` ..< `from + count`, MOST_RESULTS at most, whose windows begin so far from `first`, for some panels; the rows
// of a window are `row` apart.
DIRECT static void compute(
    const job *j, const float *first, const size_t *offsets, size_t row, size_t from, size_t count, size_t panel,
    size_t end) {
  const kk_direct_plan *p = j->p;
  size_t depth = depth_of(p), length = p->window[1] * p->channels, tiles = kk_ceil_div(count, ROWS);
  for (; panel < end; panel++) {
    const float *weights = j->packed + panel * PANEL * depth;
    size_t filter = panel * PANEL, done = 0;
    bool is_half = p->filters - filter < PANEL;
    // In even shares: 7 results are 4 and 3.
    for (size_t tile = 0; tile < tiles; tile++) {
      int rows = (int)(count / tiles + (tile < count % tiles));
      const float *a[ROWS];
      for (int i = 0; i < rows; i++) a[i] = first + offsets[done + (size_t)i];
      vector sums[ROWS][2];
#define CASE(COUNT)                                                          \
  case COUNT:                                                                \
    if (is_half) {                                                           \
      multiply(COUNT, 1, a, p->window[0], row, length, weights, sums);       \
      finish(j, COUNT, 1, sums, from + done, filter);                        \
    } else {                                                                 \
      multiply(COUNT, 2, a, p->window[0], row, length, weights, sums);       \
      finish(j, COUNT, 2, sums, from + done, filter);                        \
    }                                                                        \
    break;
      switch (rows) {
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
      }
#undef CASE
      done += (size_t)rows;
    }
  }
}

// Results `from` ..< `to`, the first of which is the source's result number `start`, for some panels.
static void compute_all(
    const job *j, const source *s, size_t start, size_t from, size_t to, size_t panel, size_t end) {
  const kk_direct_plan *p = j->p;
  size_t area = p->out_height * p->out_width, offsets[MOST_RESULTS];
  size_t image = start / area, y = start % area / p->out_width, x = start % p->out_width;
  while (from < to) {
    size_t count = kk_min(MOST_RESULTS, to - from);
    for (size_t i = 0; i < count; i++) {
      offsets[i] = image * s->image + y * p->strides[0] * s->row + x * p->strides[1] * p->channels;
      if (++x < p->out_width) continue;
      x = 0;
      if (++y < p->out_height) continue;
      y = 0;
      image++;
    }
    compute(j, s->first, offsets, s->row, from, count, panel, end);
    from += count;
  }
}

// Copies what `count` rows of results from row `first` of an image read, with zeros around.
static source padded(const job *j, size_t image, size_t first, size_t count, float *target) {
  const kk_direct_plan *p = j->p;
  size_t row = columns_read(p) * p->channels, rows = rows_read(p, count);
  size_t left = kk_min(p->left, columns_read(p)), width = kk_min(p->width, columns_read(p) - left);
  for (size_t i = 0; i < rows; i++) {
    float *to = target + i * row;
    size_t y = first * p->strides[0] + i;
    if (y < p->top || y - p->top >= p->height) {
      memset(to, 0, row * sizeof(float));
      continue;
    }
    const float *from = j->x + (image * p->height + y - p->top) * p->width * p->channels;
    memset(to, 0, left * p->channels * sizeof(float));
    memcpy(to + left * p->channels, from, width * p->channels * sizeof(float));
    memset(to + (left + width) * p->channels, 0, (row - (left + width) * p->channels) * sizeof(float));
  }
  return (source){target, row, 0};
}

static void piece(void *pointer, int i, int worker) {
  job *j = pointer;
  const kk_direct_plan *p = j->p;
  size_t block = (size_t)i / j->groups, group = (size_t)i % j->groups, panels = panels_of(p);
  size_t panel = panels * group / j->groups, end = panels * (group + 1) / j->groups;
  if (j->blocks_of_image > 0) {
    size_t image = block / j->blocks_of_image, first = block % j->blocks_of_image * j->rows;
    size_t count = kk_min(j->rows, p->out_height - first), from = (image * p->out_height + first) * p->out_width;
    float *scratch = j->scratch + (size_t)worker * rows_read(p, j->rows) * columns_read(p) * p->channels;
    source s = padded(j, image, first, count, scratch);
    compute_all(j, &s, 0, from, from + count * p->out_width, panel, end);
    return;
  }
  size_t from = block * j->block, to = kk_min(from + j->block, j->results);
  source s = {j->x, p->width * p->channels, p->height * p->width * p->channels};
  compute_all(j, &s, from, from, to, panel, end);
}

void kk_direct(
    const kk_direct_plan *p, const float *x, const float *packed, const float *bias, const float *residual, float *y,
    float *scratch) {
  job j = job_of(p);
  j.x = x;
  j.packed = packed;
  j.bias = bias;
  j.residual = residual;
  j.y = y;
  j.scratch = scratch;
  kk_parallel((int)(blocks_of(&j) * j.groups), piece, &j);
}

#else
bool kk_direct_suits(const kk_direct_plan *p) { return false; }
size_t kk_direct_weight_count(const kk_direct_plan *p) { return 0; }
size_t kk_direct_scratch_count(const kk_direct_plan *p, int threads) { return 0; }
void kk_direct_pack(const kk_direct_plan *p, const float *kernel, const float *scale, float *packed) {}
void kk_direct(
    const kk_direct_plan *p, const float *x, const float *packed, const float *bias, const float *residual, float *y,
    float *scratch) {}
#endif
