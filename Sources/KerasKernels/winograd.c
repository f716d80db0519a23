// Winograd's convolution F(4×4, 3×3). Images are cut into tiles of 4×4 results, each of which reads 6×6
// numbers; transformed, the 36 numbers of a tile become 36 independent matrix products over the channels.
#include <unistd.h>

#include "avx512.h"
#include "support.h"

#if defined(__x86_64__)
enum { POINTS = 36, SIDE = 6, TILE = 4, BLOCK = 64 };

typedef struct {
  size_t down, across, count;
} tiling;

KK_INLINE tiling tiles_of(const kk_winograd_plan *p) {
  tiling t = {kk_ceil_div(p->out_height, TILE), kk_ceil_div(p->out_width, TILE), 0};
  t.count = p->batch * t.down * t.across;
  return t;
}

typedef struct code code;

typedef struct {
  const kk_winograd_plan *p;
  const code *code;
  const float *x, *packed, *bias, *residual;
  float *y, *scratch;
  size_t tiles, tiles_per_chunk;
} job;

// What is compiled for each generation of CPUs.
struct code {
  // A matrix [depth, columns] is packed in panels of two vectors, [columns / panel][depth][panel], the last one filled up
  // with zeros.
  size_t lanes;
  void (*product)(
      const float *a, size_t a_stride, size_t rows, const float *b, size_t depth, size_t columns, float *y,
      size_t y_stride);
  void (*outer_product)(
      const float *a, size_t a_stride, size_t rows, const float *b, size_t b_stride, size_t columns, size_t depth,
      bool adds, float *y, size_t y_stride);
  void (*read_tiles)(
      const kk_winograd_plan *p, const float *x, size_t from, size_t to, float *v, size_t plane);
  void (*read_gradients)(
      const kk_winograd_plan *p, const float *y, size_t from, size_t to, float *m, size_t plane);
  void (*write_tiles)(
      const job *j, const float *m, size_t plane, size_t first, size_t columns, size_t from, size_t to);
};

// 14 rows by two vectors fill 28 of 32 registers,
#define VECTOR_LANES 16
#define VECTOR_TARGET KK_AVX512_TARGET, min_vector_width(512)
#define PRODUCT_ROWS 14
#define VERSION(name) name##_avx512
#include "winograd_tiles.h"

// 6 rows 12 of 16.
#define VECTOR_LANES 8
#define VECTOR_TARGET target("avx2,fma")
#define PRODUCT_ROWS 6
#define VERSION(name) name##_avx2
#include "winograd_tiles.h"

// Null where the CPU has neither.
KK_INLINE const code *chosen_code(void) {
  if (kk_has_avx512()) return &code_avx512;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &code_avx2 : NULL;
}

KK_INLINE size_t panel_of(const code *c) { return 2 * c->lanes; }
KK_INLINE size_t packed_count(const code *c, size_t depth, size_t columns) {
  return kk_ceil_div(columns, panel_of(c)) * panel_of(c) * depth;
}

// With few channels a thread takes some tiles from the image to the result, everything in its second-level
// cache. With many, the weights are what must be read once only: all tiles are transformed first, then each
// block of filters meets all of them.
KK_INLINE bool fits_cache(const kk_winograd_plan *p) { return p->channels <= 128 && p->filters <= 128; }

// Tiles that a thread takes at once, when everything stays in its cache.
KK_INLINE size_t tiles_at_once(const kk_winograd_plan *p) {
  long cache = sysconf(_SC_LEVEL2_CACHE_SIZE);
  size_t bytes = (cache > 0 ? (size_t)cache : 1 << 20) / 8 * 5;
  size_t tiles = bytes / (POINTS * 4 * (p->channels + p->filters)) / 14 * 14;
  return tiles < 14 ? 14 : tiles;
}

// Tiles that a block of filters meets at once.
enum { MEETING = 84 };

// A little apart from a power of two, so that the 36 planes do not share the cache's sets.
KK_INLINE size_t plane_of(size_t tiles, size_t channels) { return tiles * channels + 16; }

// Of fewer channels than two panels' rows, the transforms cost more than they save.
bool kk_winograd_suits(const kk_winograd_plan *p) {
  const code *c = chosen_code();
  return c && p->channels % 16 == 0 && p->filters % 16 == 0 && kk_min(p->channels, p->filters) >= panel_of(c);
}

size_t kk_winograd_weight_count(const kk_winograd_plan *p) {
  const code *c = chosen_code();
  return c ? POINTS * packed_count(c, p->channels, p->filters) : 0;
}

size_t kk_winograd_scratch_count(const kk_winograd_plan *p, int threads) {
  size_t workers = (size_t)threads;
  if (fits_cache(p)) {
    size_t tiles = tiles_at_once(p);
    return workers * POINTS * (plane_of(tiles, p->channels) + plane_of(tiles, p->filters));
  }
  return POINTS * plane_of(tiles_of(p).count, p->channels) + workers * POINTS * plane_of(MEETING, BLOCK);
}

// --- Weights: G · g · Gᵀ ---------------------------------------------------------------------------------

typedef struct {
  const kk_winograd_plan *p;
  const code *code;
  const float *kernel, *scale;
  float *packed;
} packing;

// Filters that are packed at once: a whole panel, or half of one.
enum { PACKED = 16 };

// Where the kernel has tap `tap` of channel c and filter f, 0 for the first; turned by half a circle, and channels and
// filters changed about, where the plan says so.
KK_INLINE size_t kernel_place(const kk_winograd_plan *p, size_t tap, size_t c, size_t f) {
  return p->is_transposed ? ((8 - tap) * p->filters + f) * p->channels + c : (tap * p->channels + c) * p->filters + f;
}

static const double G[SIDE][3] = {{1.0 / 4, 0, 0},
                                  {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                  {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                  {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                  {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                  {0, 0, 1}};

// Some filters, all channels.
KK_MULTIVERSION static void pack_filters(const packing *j, size_t first) {
  const kk_winograd_plan *p = j->p;
  size_t panel = panel_of(j->code), plane = packed_count(j->code, p->channels, p->filters);
  double g[9][PACKED], half[SIDE][3][PACKED], scale[PACKED];
  for (size_t f = 0; f < PACKED; f++) scale[f] = j->scale ? j->scale[first + f] : 1.0;
  for (size_t c = 0; c < p->channels; c++) {
    for (size_t tap = 0; tap < 9; tap++) {
      for (size_t f = 0; f < PACKED; f++) {
        g[tap][f] = (double)j->kernel[kernel_place(p, tap, c, first + f)] * scale[f];
      }
    }
    for (size_t a = 0; a < SIDE; a++) {
      for (size_t b = 0; b < 3; b++) {
        for (size_t f = 0; f < PACKED; f++) {
          half[a][b][f] = G[a][0] * g[b][f] + G[a][1] * g[3 + b][f] + G[a][2] * g[6 + b][f];
        }
      }
    }
    float *to = j->packed + (first / panel * p->channels + c) * panel + first % panel;
    for (size_t a = 0; a < SIDE; a++) {
      for (size_t b = 0; b < SIDE; b++) {
        for (size_t f = 0; f < PACKED; f++) {
          to[(a * SIDE + b) * plane + f] =
              (float)(half[a][0][f] * G[b][0] + half[a][1][f] * G[b][1] + half[a][2][f] * G[b][2]);
        }
      }
    }
  }
  // What the last panel has beyond the filters.
  for (size_t f = p->filters; first + PACKED == p->filters && f % panel != 0; f++) {
    for (size_t e = 0; e < POINTS; e++) {
      for (size_t c = 0; c < p->channels; c++) {
        j->packed[e * plane + (f / panel * p->channels + c) * panel + f % panel] = 0;
      }
    }
  }
}

static void pack_chunk(void *pointer, int i, int worker) { pack_filters(pointer, (size_t)i * PACKED); }

void kk_winograd_pack(const kk_winograd_plan *p, const float *kernel, const float *scale, float *packed) {
  const code *c = chosen_code();
  if (!c) return;
  packing j = {p, c, kernel, scale, packed};
  kk_parallel((int)(p->filters / PACKED), pack_chunk, &j);
}

// --- Both schedules --------------------------------------------------------------------------------------

// Some tiles from the image to the result.
static void whole_chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  const kk_winograd_plan *p = j->p;
  size_t from = (size_t)i * j->tiles_per_chunk, to = kk_min(from + j->tiles_per_chunk, j->tiles);
  size_t v_plane = plane_of(j->tiles_per_chunk, p->channels), m_plane = plane_of(j->tiles_per_chunk, p->filters);
  float *v = j->scratch + (size_t)worker * POINTS * (v_plane + m_plane), *m = v + POINTS * v_plane;
  size_t weights = packed_count(j->code, p->channels, p->filters);
  j->code->read_tiles(p, j->x, from, to, v, v_plane);
  for (size_t e = 0; e < POINTS; e++) {
    j->code->product(
        v + e * v_plane, p->channels, to - from, j->packed + e * weights, p->channels, p->filters,
        m + e * m_plane, p->filters);
  }
  j->code->write_tiles(j, m, m_plane, 0, p->filters, from, to);
}

static void reading_chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  size_t from = (size_t)i * j->tiles_per_chunk, to = kk_min(from + j->tiles_per_chunk, j->tiles);
  size_t plane = plane_of(j->tiles, j->p->channels);
  j->code->read_tiles(j->p, j->x, from, to, j->scratch + from * j->p->channels, plane);
}

// Some tiles and one block of filters.
static void meeting_chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  const kk_winograd_plan *p = j->p;
  size_t blocks = kk_ceil_div(p->filters, BLOCK), first = (size_t)i % blocks * BLOCK;
  size_t from = (size_t)i / blocks * j->tiles_per_chunk, to = kk_min(from + j->tiles_per_chunk, j->tiles);
  size_t columns = kk_min(BLOCK, p->filters - first), weights = packed_count(j->code, p->channels, p->filters);
  size_t v_plane = plane_of(j->tiles, p->channels), m_plane = plane_of(MEETING, BLOCK);
  const float *v = j->scratch + from * p->channels;
  float *m = j->scratch + POINTS * v_plane + (size_t)worker * POINTS * m_plane;
  for (size_t e = 0; e < POINTS; e++) {
    j->code->product(
        v + e * v_plane, p->channels, to - from, j->packed + e * weights + first * p->channels, p->channels,
        columns, m + e * m_plane, columns);
  }
  j->code->write_tiles(j, m, m_plane, first, columns, from, to);
}

void kk_winograd(
    const kk_winograd_plan *p, const float *x, const float *packed, const float *bias,
    const float *residual, float *y, float *scratch) {
  const code *c = chosen_code();
  if (!c) return;
  job j = {p, c, x, packed, bias, residual, y, scratch, tiles_of(p).count, 0};
  if (fits_cache(p)) {
    j.tiles_per_chunk = tiles_at_once(p);
    kk_parallel((int)kk_ceil_div(j.tiles, j.tiles_per_chunk), whole_chunk, &j);
    return;
  }
  j.tiles_per_chunk = kk_min(32, kk_ceil_div(j.tiles, 8));
  kk_parallel((int)kk_ceil_div(j.tiles, j.tiles_per_chunk), reading_chunk, &j);
  j.tiles_per_chunk = kk_ceil_div(j.tiles, kk_ceil_div(j.tiles, MEETING));
  size_t blocks = kk_ceil_div(p->filters, BLOCK);
  kk_parallel((int)(kk_ceil_div(j.tiles, j.tiles_per_chunk) * blocks), meeting_chunk, &j);
}

// --- The gradient of the weights: Gᵀ · Σ (Bᵀ · d · B ⊙ A · y · Aᵀ) · G --------------------------------------

// With few channels each part of the tiles has its own sums, which stay near a core while it goes from the images to
// them; with many, all tiles are transformed first, and each block of filters of each of the 36 sums is one product.
// Parts and blocks do not depend on the threads.
enum { SUMMED_CHANNELS = 64, MOST_PARTS = 16 };

typedef struct {
  const kk_winograd_plan *p;
  const code *code;
  const float *x, *y;
  float *gradient, *v, *m, *sums;
  size_t tiles, at_once, parts, v_plane, m_plane, plane;
} gradient_job;

KK_INLINE bool has_parts(const kk_winograd_plan *p) {
  return p->channels <= SUMMED_CHANNELS && p->filters <= SUMMED_CHANNELS;
}

static gradient_job gradient_job_of(const kk_winograd_plan *p) {
  gradient_job j = {.p = p, .code = chosen_code(), .tiles = tiles_of(p).count, .parts = 1};
  j.at_once = j.tiles;
  if (has_parts(p)) {
    size_t at_once = tiles_at_once(p) < 28 ? 28 : tiles_at_once(p);
    j.parts = kk_min(MOST_PARTS, kk_ceil_div(j.tiles, at_once));
    j.at_once = kk_min(at_once, kk_ceil_div(j.tiles, j.parts));
  }
  j.v_plane = plane_of(j.at_once, p->channels);
  j.m_plane = plane_of(j.at_once, p->filters);
  j.plane = plane_of(p->channels, p->filters);
  return j;
}

size_t kk_winograd_gradient_scratch_count(const kk_winograd_plan *p, int threads) {
  gradient_job j = gradient_job_of(p);
  size_t copies = has_parts(p) ? (size_t)threads : 1;
  return POINTS * (j.parts * j.plane + copies * (j.v_plane + j.m_plane));
}

// The sums of one part of the tiles.
static void summing_chunk(void *pointer, int i, int worker) {
  gradient_job *j = pointer;
  const kk_winograd_plan *p = j->p;
  size_t start = j->tiles * (size_t)i / j->parts, end = j->tiles * ((size_t)i + 1) / j->parts;
  float *v = j->v + (size_t)worker * POINTS * (j->v_plane + j->m_plane), *m = v + POINTS * j->v_plane;
  float *sums = j->sums + (size_t)i * POINTS * j->plane;
  for (size_t from = start; from < end; from += j->at_once) {
    size_t to = kk_min(from + j->at_once, end);
    j->code->read_tiles(p, j->x, from, to, v, j->v_plane);
    j->code->read_gradients(p, j->y, from, to, m, j->m_plane);
    for (size_t e = 0; e < POINTS; e++) {
      j->code->outer_product(
          v + e * j->v_plane, p->channels, p->channels, m + e * j->m_plane, p->filters, p->filters, to - from,
          from > start, sums + e * j->plane, p->filters);
    }
  }
}

enum { TRANSFORMED = 16 };

static void transforming_chunk(void *pointer, int i, int worker) {
  gradient_job *j = pointer;
  size_t from = (size_t)i * TRANSFORMED, to = kk_min(from + TRANSFORMED, j->tiles);
  j->code->read_tiles(j->p, j->x, from, to, j->v + from * j->p->channels, j->v_plane);
  j->code->read_gradients(j->p, j->y, from, to, j->m + from * j->p->filters, j->m_plane);
}

// One block of filters of one of the 36 sums.
static void product_chunk(void *pointer, int i, int worker) {
  gradient_job *j = pointer;
  const kk_winograd_plan *p = j->p;
  size_t blocks = kk_ceil_div(p->filters, BLOCK), e = (size_t)i / blocks, first = (size_t)i % blocks * BLOCK;
  j->code->outer_product(
      j->v + e * j->v_plane, p->channels, p->channels, j->m + e * j->m_plane + first, p->filters,
      kk_min(BLOCK, p->filters - first), j->tiles, false, j->sums + e * j->plane + first, p->filters);
}

// One channel, all filters.
KK_MULTIVERSION static void finish_channel(const gradient_job *j, size_t c) {
  const kk_winograd_plan *p = j->p;
  for (size_t first = 0; first < p->filters; first += PACKED) {
    float sums[POINTS][PACKED], half[3][SIDE][PACKED];
    for (size_t e = 0; e < POINTS; e++) {
      const float *from = j->sums + e * j->plane + c * p->filters + first;
      for (size_t f = 0; f < PACKED; f++) sums[e][f] = from[f];
      for (size_t part = 1; part < j->parts; part++) {
        from += POINTS * j->plane;
        for (size_t f = 0; f < PACKED; f++) sums[e][f] += from[f];
      }
    }
    for (size_t a = 0; a < 3; a++) {
      for (size_t k = 0; k < SIDE; k++) {
        for (size_t f = 0; f < PACKED; f++) half[a][k][f] = 0;
        for (size_t i = 0; i < SIDE; i++) {
          float factor = (float)G[i][a];
          for (size_t f = 0; f < PACKED; f++) half[a][k][f] += factor * sums[i * SIDE + k][f];
        }
      }
    }
    for (size_t a = 0; a < 3; a++) {
      for (size_t b = 0; b < 3; b++) {
        float total[PACKED] = {0};
        for (size_t k = 0; k < SIDE; k++) {
          float factor = (float)G[k][b];
          for (size_t f = 0; f < PACKED; f++) total[f] += factor * half[a][k][f];
        }
        memcpy(j->gradient + ((a * 3 + b) * p->channels + c) * p->filters + first, total, sizeof total);
      }
    }
  }
}

static void finishing_chunk(void *pointer, int i, int worker) { finish_channel(pointer, (size_t)i); }

void kk_winograd_gradient(
    const kk_winograd_plan *p, const float *x, const float *y, float *gradient, float *scratch) {
  gradient_job j = gradient_job_of(p);
  if (!j.code) return;
  j.x = x;
  j.y = y;
  j.gradient = gradient;
  j.sums = scratch;
  j.v = scratch + j.parts * POINTS * j.plane;
  if (has_parts(p)) {
    kk_parallel((int)j.parts, summing_chunk, &j);
  } else {
    j.m = j.v + POINTS * j.v_plane;
    kk_parallel((int)kk_ceil_div(j.tiles, TRANSFORMED), transforming_chunk, &j);
    kk_parallel((int)(POINTS * kk_ceil_div(p->filters, BLOCK)), product_chunk, &j);
  }
  kk_parallel((int)p->channels, finishing_chunk, &j);
}

#else

size_t kk_winograd_gradient_scratch_count(const kk_winograd_plan *p, int threads) { return 0; }
void kk_winograd_gradient(
    const kk_winograd_plan *p, const float *x, const float *y, float *gradient, float *scratch) {}
bool kk_winograd_suits(const kk_winograd_plan *p) { return false; }
size_t kk_winograd_weight_count(const kk_winograd_plan *p) { return 0; }
size_t kk_winograd_scratch_count(const kk_winograd_plan *p, int threads) { return 0; }
void kk_winograd_pack(const kk_winograd_plan *p, const float *kernel, const float *scale, float *packed) {}
void kk_winograd(
    const kk_winograd_plan *p, const float *x, const float *packed, const float *bias,
    const float *residual, float *y, float *scratch) {}

#endif
