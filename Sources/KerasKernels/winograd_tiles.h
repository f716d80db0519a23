// The work of Winograd's convolution on some tiles, written once for vectors of VECTOR_LANES floats: winograd.c includes
// this for each generation of CPUs, with
//   VECTOR_LANES, VECTOR_TARGET  the vectors, and the instructions that may be used for them
//   PRODUCT_ROWS                 rows of a product that fit into the registers, two vectors each
//   VERSION(name)                the name of a function in this version
#define VECTOR_INLINE static inline __attribute__((always_inline, VECTOR_TARGET))
#define vector VERSION(vector)

typedef float vector __attribute__((ext_vector_type(VECTOR_LANES)));

VECTOR_INLINE vector VERSION(load)(const float *x) {
  vector v;
  memcpy(&v, x, sizeof v);
  return v;
}
VECTOR_INLINE void VERSION(store)(float *y, vector v) { memcpy(y, &v, sizeof v); }
// a · b + c, rounded once.
VECTOR_INLINE vector VERSION(fma)(vector a, vector b, vector c) { return __builtin_elementwise_fma(a, b, c); }

// A CASE for every number of rows that a product may have.
#if PRODUCT_ROWS > 6
#define EACH_COUNT                                                                                              \
  CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) \
  CASE(14)
#else
#define EACH_COUNT CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#endif

// --- Products --------------------------------------------------------------------------------------------

// y = a · panel for `rows` rows. A step loads two vectors of the panel and one number of each row; constant arguments
// make each call its own straight code.
VECTOR_INLINE void VERSION(product_rows)(
    int rows, const float *a, size_t a_stride, const float *panel, size_t depth, float *y, size_t y_stride) {
  vector sums[PRODUCT_ROWS][2];
  KK_UNROLL for (int i = 0; i < rows; i++) sums[i][0] = sums[i][1] = (vector)(0);
  for (size_t k = 0; k < depth; k++) {
    vector b0 = VERSION(load)(panel + k * 2 * VECTOR_LANES);
    vector b1 = VERSION(load)(panel + k * 2 * VECTOR_LANES + VECTOR_LANES);
    KK_UNROLL for (int i = 0; i < rows; i++) {
      vector one = (vector)(a[(size_t)i * a_stride + k]);
      sums[i][0] = VERSION(fma)(one, b0, sums[i][0]);
      sums[i][1] = VERSION(fma)(one, b1, sums[i][1]);
    }
  }
  KK_UNROLL for (int i = 0; i < rows; i++) {
    VERSION(store)(y + (size_t)i * y_stride, sums[i][0]);
    VERSION(store)(y + (size_t)i * y_stride + VECTOR_LANES, sums[i][1]);
  }
}
// The same for a panel of which one vector is in use.
VECTOR_INLINE void VERSION(product_half_rows)(
    int rows, const float *a, size_t a_stride, const float *panel, size_t depth, float *y, size_t y_stride) {
  vector sums[PRODUCT_ROWS];
  KK_UNROLL for (int i = 0; i < rows; i++) sums[i] = (vector)(0);
  for (size_t k = 0; k < depth; k++) {
    vector b = VERSION(load)(panel + k * 2 * VECTOR_LANES);
    KK_UNROLL for (int i = 0; i < rows; i++) {
      sums[i] = VERSION(fma)((vector)(a[(size_t)i * a_stride + k]), b, sums[i]);
    }
  }
  KK_UNROLL for (int i = 0; i < rows; i++) VERSION(store)(y + (size_t)i * y_stride, sums[i]);
}

// y = a · b with b packed; `columns` is a multiple of the lanes. Rows go in even portions: with 14 at most, 16 are 8 + 8.
__attribute__((VECTOR_TARGET)) static void VERSION(product)(
    const float *a, size_t a_stride, size_t rows, const float *b, size_t depth, size_t columns, float *y,
    size_t y_stride) {
  size_t portions = kk_ceil_div(rows, PRODUCT_ROWS);
  for (size_t c = 0; c < columns; c += 2 * VECTOR_LANES) {
    const float *panel = b + c * depth;
    bool is_half = columns - c < 2 * VECTOR_LANES;
    size_t row = 0;
    for (size_t portion = 0; portion < portions; portion++) {
      int count = (int)(rows / portions + (portion < rows % portions));
      const float *from = a + row * a_stride;
      float *to = y + row * y_stride + c;
#define CASE(ROWS)                                                                \
  case ROWS:                                                                      \
    if (ROWS > PRODUCT_ROWS) break;                                               \
    if (is_half) {                                                                \
      VERSION(product_half_rows)(ROWS, from, a_stride, panel, depth, to, y_stride); \
    } else {                                                                      \
      VERSION(product_rows)(ROWS, from, a_stride, panel, depth, to, y_stride);      \
    }                                                                             \
    break;
      switch (count) {
        EACH_COUNT
      }
#undef CASE
      row += (size_t)count;
    }
  }
}

// y = aᵀ · b, or added to what stands there, for `rows` columns of a and one or two vectors of b.
VECTOR_INLINE void VERSION(outer_rows)(
    int rows, int vectors, const float *a, size_t a_stride, const float *b, size_t b_stride, size_t depth, bool adds,
    float *y, size_t y_stride) {
  vector sums[PRODUCT_ROWS][2];
  KK_UNROLL for (int i = 0; i < rows; i++) {
    KK_UNROLL for (int v = 0; v < vectors; v++) {
      sums[i][v] = adds ? VERSION(load)(y + (size_t)i * y_stride + v * VECTOR_LANES) : (vector)(0);
    }
  }
  for (size_t k = 0; k < depth; k++) {
    vector panel[2];
    KK_UNROLL for (int v = 0; v < vectors; v++) panel[v] = VERSION(load)(b + k * b_stride + v * VECTOR_LANES);
    KK_UNROLL for (int i = 0; i < rows; i++) {
      vector one = (vector)(a[k * a_stride + (size_t)i]);
      KK_UNROLL for (int v = 0; v < vectors; v++) sums[i][v] = VERSION(fma)(one, panel[v], sums[i][v]);
    }
  }
  KK_UNROLL for (int i = 0; i < rows; i++) {
    KK_UNROLL for (int v = 0; v < vectors; v++) {
      VERSION(store)(y + (size_t)i * y_stride + v * VECTOR_LANES, sums[i][v]);
    }
  }
}

// The same for all `rows` columns of a and `columns` of b, a multiple of the lanes.
__attribute__((VECTOR_TARGET)) static void VERSION(outer_product)(
    const float *a, size_t a_stride, size_t rows, const float *b, size_t b_stride, size_t columns, size_t depth,
    bool adds, float *y, size_t y_stride) {
  size_t portions = kk_ceil_div(rows, PRODUCT_ROWS), row = 0;
  for (size_t portion = 0; portion < portions; portion++) {
    int count = (int)(rows / portions + (portion < rows % portions));
    for (size_t c = 0; c < columns; c += 2 * VECTOR_LANES) {
      const float *from = a + row, *panel = b + c;
      float *to = y + row * y_stride + c;
      bool is_half = columns - c < 2 * VECTOR_LANES;
#define CASE(ROWS)                                                                            \
  case ROWS:                                                                                  \
    if (ROWS > PRODUCT_ROWS) break;                                                           \
    if (is_half) {                                                                            \
      VERSION(outer_rows)(ROWS, 1, from, a_stride, panel, b_stride, depth, adds, to, y_stride); \
    } else {                                                                                  \
      VERSION(outer_rows)(ROWS, 2, from, a_stride, panel, b_stride, depth, adds, to, y_stride); \
    }                                                                                         \
    break;
      switch (count) {
        EACH_COUNT
      }
#undef CASE
    }
    row += (size_t)count;
  }
}

// --- Images: Bᵀ · d · B ----------------------------------------------------------------------------------

// Bᵀ on six vectors that stand `s` apart.
VECTOR_INLINE void VERSION(transform_input)(vector *d, int s) {
  const vector two = (vector)(2), four = (vector)(4), five = (vector)(5);
  vector d0 = d[0], d1 = d[s], d2 = d[2 * s], d3 = d[3 * s], d4 = d[4 * s], d5 = d[5 * s];
  vector a = VERSION(fma)(-four, d2, d4), b = VERSION(fma)(-four, d1, d3);
  vector e = d4 - d2, f = two * (d3 - d1);
  d[0] = VERSION(fma)(four, d0, VERSION(fma)(-five, d2, d4));
  d[s] = a + b;
  d[2 * s] = a - b;
  d[3 * s] = e + f;
  d[4 * s] = e - f;
  d[5 * s] = VERSION(fma)(four, d1, VERSION(fma)(-five, d3, d5));
}

// Tiles `from` ..< `to` into rows 0, 1, … of the 36 planes of v.
__attribute__((VECTOR_TARGET)) static void VERSION(read_tiles)(
    const kk_winograd_plan *p, const float *x, size_t from, size_t to, float *v, size_t plane) {
  tiling tiles = tiles_of(p);
  ptrdiff_t height = (ptrdiff_t)p->height, width = (ptrdiff_t)p->width, channels = (ptrdiff_t)p->channels;
  for (size_t tile = from; tile < to; tile++) {
    size_t image = tile / (tiles.down * tiles.across);
    ptrdiff_t y0 = (ptrdiff_t)(tile / tiles.across % tiles.down * TILE) - (ptrdiff_t)p->top;
    ptrdiff_t x0 = (ptrdiff_t)(tile % tiles.across * TILE) - (ptrdiff_t)p->left;
    const float *pixels = x + image * p->height * p->width * p->channels;
    bool inside = y0 >= 0 && x0 >= 0 && y0 + SIDE <= height && x0 + SIDE <= width;
    // Which rows and columns lie on the image.
    bool rows[SIDE], columns[SIDE];
    for (int i = 0; i < SIDE; i++) {
      rows[i] = y0 + i >= 0 && y0 + i < height;
      columns[i] = x0 + i >= 0 && x0 + i < width;
    }
    for (ptrdiff_t c = 0; c < channels; c += VECTOR_LANES) {
      vector d[POINTS];
      ptrdiff_t corner = (y0 * width + x0) * channels + c;
      if (inside) {
        KK_UNROLL for (int i = 0; i < SIDE; i++) {
          KK_UNROLL for (int k = 0; k < SIDE; k++) {
            d[i * SIDE + k] = VERSION(load)(pixels + (corner + (i * width + k) * channels));
          }
        }
      } else {
        KK_UNROLL for (int i = 0; i < SIDE; i++) {
          KK_UNROLL for (int k = 0; k < SIDE; k++) {
            d[i * SIDE + k] = rows[i] && columns[k]
                ? VERSION(load)(pixels + (corner + (i * width + k) * channels)) : (vector)(0);
          }
        }
      }
      KK_UNROLL for (int k = 0; k < SIDE; k++) VERSION(transform_input)(d + k, SIDE);
      KK_UNROLL for (int i = 0; i < SIDE; i++) VERSION(transform_input)(d + i * SIDE, 1);
      float *to_row = v + (tile - from) * p->channels + (size_t)c;
      KK_UNROLL for (int i = 0; i < POINTS; i++) VERSION(store)(to_row + (size_t)i * plane, d[i]);
    }
  }
}

// --- Results: Aᵀ · m · A ---------------------------------------------------------------------------------

// Aᵀ on six vectors: four, `s` apart.
VECTOR_INLINE void VERSION(transform_output)(const vector *m, vector *o, int s) {
  vector p = m[1] + m[2], q = m[1] - m[2], r = m[3] + m[4], u = m[3] - m[4];
  o[0] = m[0] + p + r;
  o[s] = VERSION(fma)((vector)(2), u, q);
  o[2 * s] = VERSION(fma)((vector)(4), r, p);
  o[3 * s] = VERSION(fma)((vector)(8), u, q) + m[5];
}

// The products of tiles `from` ..< `to` (rows 0, 1, … of the planes of m, whose rows are `columns` apart) into filters
// `first` ..< `first + columns` of the result.
__attribute__((VECTOR_TARGET)) static void VERSION(write_tiles)(
    const job *j, const float *m, size_t plane, size_t first, size_t columns, size_t from, size_t to) {
  const kk_winograd_plan *p = j->p;
  tiling tiles = tiles_of(p);
  vector low = (vector)(p->low), high = (vector)(p->high);
  for (size_t tile = from; tile < to; tile++) {
    size_t image = tile / (tiles.down * tiles.across);
    size_t y0 = tile / tiles.across % tiles.down * TILE, x0 = tile % tiles.across * TILE;
    size_t rows = kk_min(TILE, p->out_height - y0), width = kk_min(TILE, p->out_width - x0);
    for (size_t f = 0; f < columns; f += VECTOR_LANES) {
      vector in[SIDE], half[TILE * SIDE], out[TILE * TILE];
      const float *at = m + (tile - from) * columns + f;
      KK_UNROLL for (int k = 0; k < SIDE; k++) {
        KK_UNROLL for (int i = 0; i < SIDE; i++) in[i] = VERSION(load)(at + (size_t)(i * SIDE + k) * plane);
        VERSION(transform_output)(in, half + k, SIDE);
      }
      KK_UNROLL for (int i = 0; i < TILE; i++) VERSION(transform_output)(half + i * SIDE, out + i * TILE, 1);
      vector bias = j->bias ? VERSION(load)(j->bias + first + f) : (vector)(0);
      size_t base = ((image * p->out_height + y0) * p->out_width + x0) * p->filters + first + f;
      KK_UNROLL for (size_t i = 0; i < TILE; i++) {
        KK_UNROLL for (size_t k = 0; k < TILE; k++) {
          if (i >= rows || k >= width) continue;
          size_t to_pixel = base + (i * p->out_width + k) * p->filters;
          vector sum = out[i * TILE + k] + bias;
          if (j->residual) sum += VERSION(load)(j->residual + to_pixel);
          // What is no number stays none.
          sum = sum < low ? low : sum;
          sum = sum > high ? high : sum;
          VERSION(store)(j->y + to_pixel, sum);
        }
      }
    }
  }
}

// --- Gradients of results: A · d · Aᵀ ---------------------------------------------------------------------

// A on four vectors that stand `s` apart: six, `s` apart as well.
VECTOR_INLINE void VERSION(transform_gradient)(const vector *d, vector *o, int s) {
  const vector two = (vector)(2), four = (vector)(4), eight = (vector)(8);
  vector d0 = d[0], d1 = d[s], d2 = d[2 * s], d3 = d[3 * s];
  vector even = d0 + d2, odd = d1 + d3;
  vector even_far = VERSION(fma)(four, d2, d0), odd_far = VERSION(fma)(eight, d3, two * d1);
  o[0] = d0;
  o[s] = even + odd;
  o[2 * s] = even - odd;
  o[3 * s] = even_far + odd_far;
  o[4 * s] = even_far - odd_far;
  o[5 * s] = d3;
}

// Tiles `from` ..< `to` of the gradient of the result into rows 0, 1, … of the 36 planes of m.
__attribute__((VECTOR_TARGET)) static void VERSION(read_gradients)(
    const kk_winograd_plan *p, const float *y, size_t from, size_t to, float *m, size_t plane) {
  tiling tiles = tiles_of(p);
  for (size_t tile = from; tile < to; tile++) {
    size_t image = tile / (tiles.down * tiles.across);
    size_t y0 = tile / tiles.across % tiles.down * TILE, x0 = tile % tiles.across * TILE;
    size_t rows = kk_min(TILE, p->out_height - y0), width = kk_min(TILE, p->out_width - x0);
    const float *corner = y + ((image * p->out_height + y0) * p->out_width + x0) * p->filters;
    for (size_t f = 0; f < p->filters; f += VECTOR_LANES) {
      vector in[SIDE * TILE], out[POINTS];
      KK_UNROLL for (size_t i = 0; i < TILE; i++) {
        KK_UNROLL for (size_t k = 0; k < TILE; k++) {
          in[i * SIDE + k] = i < rows && k < width
              ? VERSION(load)(corner + (i * p->out_width + k) * p->filters + f) : (vector)(0);
        }
      }
      KK_UNROLL for (int k = 0; k < TILE; k++) VERSION(transform_gradient)(in + k, out + k, SIDE);
      KK_UNROLL for (int i = 0; i < SIDE; i++) VERSION(transform_gradient)(out + i * SIDE, out + i * SIDE, 1);
      float *to_row = m + (tile - from) * p->filters + f;
      KK_UNROLL for (int i = 0; i < POINTS; i++) VERSION(store)(to_row + (size_t)i * plane, out[i]);
    }
  }
}

static const code VERSION(code) = {
    VECTOR_LANES, VERSION(product), VERSION(outer_product), VERSION(read_tiles), VERSION(read_gradients),
    VERSION(write_tiles)};

#undef EACH_COUNT
#undef vector
#undef VECTOR_INLINE
#undef VECTOR_LANES
#undef VECTOR_TARGET
#undef PRODUCT_ROWS
#undef VERSION
