// Winograd's convolution F(4×4, 3×3). Images are cut into tiles of 4×4 results, each of which reads 6×6
// numbers; transformed, the 36 numbers of a tile become 36 independent matrix products over the channels.
#include "product.h"

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

// With few channels a thread takes some tiles from the image to the result, everything in its second-level
// cache. With many, the weights are what must be read once only: all tiles are transformed first, then each
// block of filters meets all of them.
KK_INLINE bool fits_cache(const kk_winograd_plan *p) { return p->channels <= 128 && p->filters <= 128; }

// Tiles that a thread takes at once, when everything stays in the cache (1.2 MB).
KK_INLINE size_t tiles_at_once(const kk_winograd_plan *p) {
  size_t tiles = 1200000 / (POINTS * 4 * (p->channels + p->filters)) / 14 * 14;
  return tiles < 14 ? 14 : tiles;
}

// Tiles that a block of filters meets at once.
enum { MEETING = 84 };

// A little apart from a power of two, so that the 36 planes do not share the cache's sets.
KK_INLINE size_t plane_of(size_t tiles, size_t channels) { return tiles * channels + 16; }

bool kk_winograd_suits(const kk_winograd_plan *p) {
  return kk_has_avx512() && p->channels % 16 == 0 && p->filters % 16 == 0;
}

size_t kk_winograd_weight_count(const kk_winograd_plan *p) {
  return POINTS * kk_packed_count(p->channels, p->filters);
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
  const float *kernel, *scale;
  float *packed;
} packing;

// One panel of filters, all channels.
KK_MULTIVERSION static void pack_panel(const packing *j, size_t panel) {
  static const double G[SIDE][3] = {{1.0 / 4, 0, 0},
                                    {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                    {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                    {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                    {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                    {0, 0, 1}};
  size_t channels = j->p->channels, filters = j->p->filters, first = panel * KK_PANEL;
  size_t width = kk_min(KK_PANEL, filters - first), plane = kk_packed_count(channels, filters);
  double g[9][KK_PANEL] = {{0}}, half[SIDE][3][KK_PANEL];
  for (size_t c = 0; c < channels; c++) {
    for (size_t tap = 0; tap < 9; tap++) {
      const float *row = j->kernel + (tap * channels + c) * filters + first;
      for (size_t f = 0; f < width; f++) g[tap][f] = (double)row[f] * (j->scale ? j->scale[first + f] : 1.0);
    }
    for (size_t a = 0; a < SIDE; a++) {
      for (size_t b = 0; b < 3; b++) {
        for (size_t f = 0; f < KK_PANEL; f++) {
          half[a][b][f] = G[a][0] * g[b][f] + G[a][1] * g[3 + b][f] + G[a][2] * g[6 + b][f];
        }
      }
    }
    for (size_t a = 0; a < SIDE; a++) {
      for (size_t b = 0; b < SIDE; b++) {
        float *to = j->packed + (a * SIDE + b) * plane + (panel * channels + c) * KK_PANEL;
        for (size_t f = 0; f < KK_PANEL; f++) {
          to[f] = (float)(half[a][0][f] * G[b][0] + half[a][1][f] * G[b][1] + half[a][2][f] * G[b][2]);
        }
      }
    }
  }
}

static void pack_chunk(void *pointer, int i, int worker) { pack_panel(pointer, (size_t)i); }

void kk_winograd_pack(const kk_winograd_plan *p, const float *kernel, const float *scale, float *packed) {
  packing j = {p, kernel, scale, packed};
  kk_parallel((int)kk_ceil_div(p->filters, KK_PANEL), pack_chunk, &j);
}

// --- Images: Bᵀ · d · B ----------------------------------------------------------------------------------

// Bᵀ on six vectors that stand `s` apart.
KK_AVX512_INLINE void transform_input(__m512 *d, int s) {
  const __m512 two = _mm512_set1_ps(2), four = _mm512_set1_ps(4), five = _mm512_set1_ps(5);
  __m512 d0 = d[0], d1 = d[s], d2 = d[2 * s], d3 = d[3 * s], d4 = d[4 * s], d5 = d[5 * s];
  __m512 a = _mm512_fnmadd_ps(four, d2, d4), b = _mm512_fnmadd_ps(four, d1, d3);
  __m512 e = _mm512_sub_ps(d4, d2), f = _mm512_mul_ps(two, _mm512_sub_ps(d3, d1));
  d[0] = _mm512_fmadd_ps(four, d0, _mm512_fnmadd_ps(five, d2, d4));
  d[s] = _mm512_add_ps(a, b);
  d[2 * s] = _mm512_sub_ps(a, b);
  d[3 * s] = _mm512_add_ps(e, f);
  d[4 * s] = _mm512_sub_ps(e, f);
  d[5 * s] = _mm512_fmadd_ps(four, d1, _mm512_fnmadd_ps(five, d3, d5));
}

// Tiles `from` ..< `to` into rows 0, 1, … of the 36 planes of v.
KK_AVX512 static void read_tiles(
    const kk_winograd_plan *p, const float *x, size_t from, size_t to, float *v, size_t plane) {
  tiling tiles = tiles_of(p);
  ptrdiff_t height = (ptrdiff_t)p->height, width = (ptrdiff_t)p->width, channels = (ptrdiff_t)p->channels;
  for (size_t tile = from; tile < to; tile++) {
    size_t image = tile / (tiles.down * tiles.across);
    ptrdiff_t y0 = (ptrdiff_t)(tile / tiles.across % tiles.down * TILE) - (ptrdiff_t)p->top;
    ptrdiff_t x0 = (ptrdiff_t)(tile % tiles.across * TILE) - (ptrdiff_t)p->left;
    const float *pixels = x + image * p->height * p->width * p->channels;
    bool inside = y0 >= 0 && x0 >= 0 && y0 + SIDE <= height && x0 + SIDE <= width;
    for (ptrdiff_t c = 0; c < channels; c += 16) {
      __m512 d[POINTS];
      if (inside) {
        const float *corner = pixels + (y0 * width + x0) * channels + c;
        KK_UNROLL for (int i = 0; i < SIDE; i++) {
          KK_UNROLL for (int k = 0; k < SIDE; k++) {
            d[i * SIDE + k] = _mm512_loadu_ps(corner + (i * width + k) * channels);
          }
        }
      } else {
        for (int i = 0; i < SIDE; i++) {
          for (int k = 0; k < SIDE; k++) {
            ptrdiff_t row = y0 + i, column = x0 + k;
            bool is_padding = row < 0 || column < 0 || row >= height || column >= width;
            d[i * SIDE + k] = is_padding ? _mm512_setzero_ps()
                                         : _mm512_loadu_ps(pixels + (row * width + column) * channels + c);
          }
        }
      }
      KK_UNROLL for (int k = 0; k < SIDE; k++) transform_input(d + k, SIDE);
      KK_UNROLL for (int i = 0; i < SIDE; i++) transform_input(d + i * SIDE, 1);
      float *to_row = v + (tile - from) * p->channels + (size_t)c;
      KK_UNROLL for (int i = 0; i < POINTS; i++) _mm512_storeu_ps(to_row + (size_t)i * plane, d[i]);
    }
  }
}

// --- Results: Aᵀ · m · A ---------------------------------------------------------------------------------

// Aᵀ on six vectors: four, `s` apart.
KK_AVX512_INLINE void transform_output(const __m512 *m, __m512 *o, int s) {
  __m512 p = _mm512_add_ps(m[1], m[2]), q = _mm512_sub_ps(m[1], m[2]);
  __m512 r = _mm512_add_ps(m[3], m[4]), u = _mm512_sub_ps(m[3], m[4]);
  o[0] = _mm512_add_ps(_mm512_add_ps(m[0], p), r);
  o[s] = _mm512_fmadd_ps(_mm512_set1_ps(2), u, q);
  o[2 * s] = _mm512_fmadd_ps(_mm512_set1_ps(4), r, p);
  o[3 * s] = _mm512_add_ps(_mm512_fmadd_ps(_mm512_set1_ps(8), u, q), m[5]);
}

typedef struct {
  const kk_winograd_plan *p;
  const float *x, *packed, *bias, *residual;
  float *y, *scratch;
  size_t tiles, tiles_per_chunk;
} job;

// The products of tiles `from` ..< `to` (rows 0, 1, … of the planes of m, whose rows are `columns` apart)
// into filters `first` ..< `first + columns` of the result.
KK_AVX512 static void write_tiles(
    const job *j, const float *m, size_t plane, size_t first, size_t columns, size_t from, size_t to) {
  const kk_winograd_plan *p = j->p;
  tiling tiles = tiles_of(p);
  __m512 low = _mm512_set1_ps(p->low), high = _mm512_set1_ps(p->high);
  for (size_t tile = from; tile < to; tile++) {
    size_t image = tile / (tiles.down * tiles.across);
    size_t y0 = tile / tiles.across % tiles.down * TILE, x0 = tile % tiles.across * TILE;
    size_t rows = kk_min(TILE, p->out_height - y0), width = kk_min(TILE, p->out_width - x0);
    for (size_t f = 0; f < columns; f += 16) {
      __m512 in[SIDE], half[TILE * SIDE], out[TILE * TILE];
      const float *at = m + (tile - from) * columns + f;
      KK_UNROLL for (int k = 0; k < SIDE; k++) {
        KK_UNROLL for (int i = 0; i < SIDE; i++) in[i] = _mm512_loadu_ps(at + (size_t)(i * SIDE + k) * plane);
        transform_output(in, half + k, SIDE);
      }
      KK_UNROLL for (int i = 0; i < TILE; i++) transform_output(half + i * SIDE, out + i * TILE, 1);
      __m512 bias = j->bias ? _mm512_loadu_ps(j->bias + first + f) : _mm512_setzero_ps();
      size_t base = ((image * p->out_height + y0) * p->out_width + x0) * p->filters + first + f;
      KK_UNROLL for (size_t i = 0; i < TILE; i++) {
        KK_UNROLL for (size_t k = 0; k < TILE; k++) {
          if (i >= rows || k >= width) continue;
          size_t to_pixel = base + (i * p->out_width + k) * p->filters;
          __m512 sum = _mm512_add_ps(out[i * TILE + k], bias);
          if (j->residual) sum = _mm512_add_ps(sum, _mm512_loadu_ps(j->residual + to_pixel));
          _mm512_storeu_ps(j->y + to_pixel, _mm512_min_ps(_mm512_max_ps(sum, low), high));
        }
      }
    }
  }
}

// --- Both schedules --------------------------------------------------------------------------------------

// Some tiles from the image to the result.
static void whole_chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  const kk_winograd_plan *p = j->p;
  size_t from = (size_t)i * j->tiles_per_chunk, to = kk_min(from + j->tiles_per_chunk, j->tiles);
  size_t v_plane = plane_of(j->tiles_per_chunk, p->channels), m_plane = plane_of(j->tiles_per_chunk, p->filters);
  float *v = j->scratch + (size_t)worker * POINTS * (v_plane + m_plane), *m = v + POINTS * v_plane;
  size_t weights = kk_packed_count(p->channels, p->filters);
  read_tiles(p, j->x, from, to, v, v_plane);
  for (size_t e = 0; e < POINTS; e++) {
    kk_product(
        v + e * v_plane, p->channels, to - from, j->packed + e * weights, p->channels, p->filters,
        m + e * m_plane, p->filters);
  }
  write_tiles(j, m, m_plane, 0, p->filters, from, to);
}

static void reading_chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  size_t from = (size_t)i * j->tiles_per_chunk, to = kk_min(from + j->tiles_per_chunk, j->tiles);
  size_t plane = plane_of(j->tiles, j->p->channels);
  read_tiles(j->p, j->x, from, to, j->scratch + from * j->p->channels, plane);
}

// Some tiles and one block of filters.
static void meeting_chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  const kk_winograd_plan *p = j->p;
  size_t blocks = kk_ceil_div(p->filters, BLOCK), first = (size_t)i % blocks * BLOCK;
  size_t from = (size_t)i / blocks * j->tiles_per_chunk, to = kk_min(from + j->tiles_per_chunk, j->tiles);
  size_t columns = kk_min(BLOCK, p->filters - first), weights = kk_packed_count(p->channels, p->filters);
  size_t v_plane = plane_of(j->tiles, p->channels), m_plane = plane_of(MEETING, BLOCK);
  const float *v = j->scratch + from * p->channels;
  float *m = j->scratch + POINTS * v_plane + (size_t)worker * POINTS * m_plane;
  for (size_t e = 0; e < POINTS; e++) {
    kk_product(
        v + e * v_plane, p->channels, to - from, j->packed + e * weights + first * p->channels, p->channels,
        columns, m + e * m_plane, columns);
  }
  write_tiles(j, m, m_plane, first, columns, from, to);
}

void kk_winograd(
    const kk_winograd_plan *p, const float *x, const float *packed, const float *bias,
    const float *residual, float *y, float *scratch) {
  job j = {p, x, packed, bias, residual, y, scratch, tiles_of(p).count, 0};
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

#else

bool kk_winograd_suits(const kk_winograd_plan *p) { return false; }
size_t kk_winograd_weight_count(const kk_winograd_plan *p) { return 0; }
size_t kk_winograd_scratch_count(const kk_winograd_plan *p, int threads) { return 0; }
void kk_winograd_pack(const kk_winograd_plan *p, const float *kernel, const float *scale, float *packed) {}
void kk_winograd(
    const kk_winograd_plan *p, const float *x, const float *packed, const float *bias,
    const float *residual, float *y, float *scratch) {}

#endif
