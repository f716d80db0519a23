#include "functions.h"

#define LOOP(EXPRESSION)                    \
  KK_ELEMENTWISE                            \
  for (size_t i = 0; i < count; i++) {      \
    float v = x[i];                         \
    y[i] = (EXPRESSION);                    \
  }                                         \
  break

// (The library's sqrtf may set errno, which keeps a loop from using vectors.)
KK_MULTIVERSION static void apply(kk_function f, const float *x, float *y, size_t count) {
  const float a = f.a, b = f.b;
  switch (f.kind) {
    case KK_IDENTITY: if (x != y) memcpy(y, x, count * sizeof(float)); break;
    case KK_RELU: LOOP(v < 0.0f ? 0.0f : v);
    case KK_LEAKY_RELU: LOOP(v > 0.0f ? v : a * v);
    case KK_ELU: LOOP(v > 0.0f ? v : a * kk_expm1(v));
    case KK_CLIP: LOOP((v < a ? a : v) > b ? b : v < a ? a : v);
    case KK_SIGMOID: LOOP(kk_sigmoid(v));
    case KK_TANH: LOOP(kk_tanh(v));
    case KK_ERROR_FUNCTION: LOOP(kk_erf(v));
    case KK_SOFTPLUS: LOOP(kk_softplus(v));
    case KK_SOFTSIGN: LOOP(v / (1.0f + fabsf(v)));
    case KK_EXPONENTIAL: LOOP(kk_exp(v));
    case KK_EXPONENTIAL_MINUS_ONE: LOOP(kk_expm1(v));
    case KK_LOGARITHM: LOOP(kk_log(v));
    case KK_LOGARITHM_OF_ONE_PLUS: LOOP(log1pf(v));
    case KK_SQUARE_ROOT: LOOP(__builtin_elementwise_sqrt(v));
    case KK_RECIPROCAL_SQUARE_ROOT: LOOP(1.0f / __builtin_elementwise_sqrt(v));
    case KK_RECIPROCAL: LOOP(1.0f / v);
    case KK_SQUARE: LOOP(v * v);
    case KK_ABSOLUTE: LOOP(fabsf(v));
    case KK_LINEAR: LOOP(fmaf(a, v, b));
    case KK_SIGN: LOOP(v > 0.0f ? 1.0f : v < 0.0f ? -1.0f : v);
    case KK_FLOOR: LOOP(floorf(v));
    case KK_CEILING: LOOP(ceilf(v));
    case KK_ROUND: LOOP(rintf(v));
    // Rare functions, left to the C library, number by number.
    case KK_SINE: LOOP(sinf(v));
    case KK_COSINE: LOOP(cosf(v));
    case KK_TANGENT: LOOP(tanf(v));
    case KK_ARCSINE: LOOP(asinf(v));
    case KK_ARCCOSINE: LOOP(acosf(v));
    case KK_ARCTANGENT: LOOP(atanf(v));
    case KK_HYPERBOLIC_SINE: LOOP(sinhf(v));
    case KK_HYPERBOLIC_COSINE: LOOP(coshf(v));
  }
}

void kk_apply(kk_function f, const float *x, float *y, size_t count) { apply(f, x, y, count); }

KK_MULTIVERSION static void apply_sigmoid_short(const float *x, float *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = kk_sigmoid_short(x[i]);
}

KK_MULTIVERSION static void apply_erf_short(const float *x, float *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = kk_erf_short(x[i]);
}

void kk_apply_for(kk_type type, kk_function f, const float *x, float *y, size_t count) {
  if (type == KK_BFLOAT16 && f.kind == KK_SIGMOID) {
    apply_sigmoid_short(x, y, count);
  } else if (type == KK_BFLOAT16 && f.kind == KK_ERROR_FUNCTION) {
    apply_erf_short(x, y, count);
  } else {
    apply(f, x, y, count);
  }
}

typedef struct {
  kk_function f;
  const void *x;
  void *y;
  kk_type x_type, y_type;
  size_t count;
} job;

static void chunk(void *pointer, int i, int worker) {
  job *j = pointer;
  float in[KK_BLOCK], out[KK_BLOCK];
  size_t end = kk_min(((size_t)i + 1) * KK_GRAIN, j->count);
  for (size_t start = (size_t)i * KK_GRAIN; start < end; start += KK_BLOCK) {
    size_t count = kk_min(KK_BLOCK, end - start);
    void *y = kk_at_mutable(j->y, j->y_type, start);
    float *target = kk_target(y, j->y_type, out);
    kk_apply_for(j->y_type, j->f, kk_load(kk_at(j->x, j->x_type, start), j->x_type, in, count), target, count);
    kk_store(target, y, j->y_type, count);
  }
}

void kk_unary(kk_function f, const void *x, kk_type x_type, void *y, kk_type y_type, size_t count) {
  job j = {f, x, y, x_type, y_type, count};
  kk_parallel((int)kk_ceil_div(count, KK_GRAIN), chunk, &j);
}
