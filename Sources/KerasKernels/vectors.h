// Sixteen floats at a time, in whatever registers the CPU has, for kernels that keep numbers there between a
// product and what follows it.
#pragma once

#include "functions.h"

// Everything here is inlined: no vector is ever passed in a call.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float kk_vector __attribute__((ext_vector_type(16)));
typedef float kk_half __attribute__((ext_vector_type(8)));
typedef int32_t kk_integers __attribute__((ext_vector_type(16)));
enum { KK_LANES = 16 };

// Defines NAME with the given parameters as INLINED, compiled for both generations of x86-64 that have fused
// multiplication, and chosen by the CPU: kk_has_vectors() tells whether it is one of them. (Functions that Clang
// itself multiversions cut 512-bit vectors into halves.) INLINED is told first, as a constant, whether registers are
// narrow: a vector takes two, and there are half as many.
#if defined(__x86_64__)
#define KK_VECTOR_VERSIONS(NAME, INLINED, PARAMETERS, ...)                                            \
  __attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static void NAME##_v4 PARAMETERS { \
    INLINED(false, __VA_ARGS__);                                                                      \
  }                                                                                                   \
  __attribute__((target("arch=x86-64-v3"))) static void NAME##_v3 PARAMETERS {                        \
    INLINED(true, __VA_ARGS__);                                                                       \
  }                                                                                                   \
  static void NAME PARAMETERS {                                                                       \
    if (__builtin_cpu_supports("x86-64-v4")) {                                                        \
      NAME##_v4(__VA_ARGS__);                                                                         \
    } else {                                                                                          \
      NAME##_v3(__VA_ARGS__);                                                                         \
    }                                                                                                 \
  }
#else
#define KK_VECTOR_VERSIONS(NAME, INLINED, PARAMETERS, ...) \
  static void NAME PARAMETERS { INLINED(true, __VA_ARGS__); }
#endif
#define KK_UNROLLED _Pragma("clang loop unroll(full)")

KK_INLINE kk_vector kk_vector_of(float x) { return (kk_vector)(x); }
// Not inlined: the rest of a row is rare, and code for it, wherever a vector is read, would be long.
void kk_copy_floats(const float *x, float *y, size_t count);

// The first `count` floats at x, zeros behind them.
KK_INLINE kk_vector kk_vector_load(const float *x, size_t count) {
  kk_vector v;
  if (count >= KK_LANES) {
    memcpy(&v, x, sizeof v);
  } else {
    float lanes[KK_LANES] = {0};
    kk_copy_floats(x, lanes, count);
    memcpy(&v, lanes, sizeof v);
  }
  return v;
}
KK_INLINE void kk_vector_store(kk_vector v, float *y, size_t count) {
  if (count >= KK_LANES) {
    memcpy(y, &v, sizeof v);
  } else {
    float lanes[KK_LANES];
    memcpy(lanes, &v, sizeof v);
    kk_copy_floats(lanes, y, count);
  }
}
KK_INLINE kk_vector kk_vector_fma(kk_vector a, kk_vector b, kk_vector c) {
  return __builtin_elementwise_fma(a, b, c);
}

// eˣ between e⁻⁸⁷ and e⁸⁸, where it stays beyond; see kk_expm1_reduced for the series.
KK_INLINE kk_vector kk_vector_exp(kk_vector x) {
  x = x < -87.0f ? kk_vector_of(-87.0f) : x;
  x = x > 88.0f ? kk_vector_of(88.0f) : x;
  kk_vector magic = kk_vector_of(12582912.0f);
  kk_vector n = kk_vector_fma(x, kk_vector_of(1.44269504f), magic) - magic;
  kk_vector r = kk_vector_fma(n, kk_vector_of(-0.693359375f), x);
  r = kk_vector_fma(n, kk_vector_of(2.12194440e-4f), r);
  kk_vector p = kk_vector_fma(kk_vector_of(1.9875691500e-4f), r, kk_vector_of(1.3981999507e-3f));
  p = kk_vector_fma(p, r, kk_vector_of(8.3334519073e-3f));
  p = kk_vector_fma(p, r, kk_vector_of(4.1665795894e-2f));
  p = kk_vector_fma(p, r, kk_vector_of(1.6666665459e-1f));
  p = kk_vector_fma(p, r, kk_vector_of(5.0000001201e-1f));
  p = kk_vector_fma(p, r * r, r) + 1.0f;
  kk_integers exponent = __builtin_convertvector(n, kk_integers) + 127;
  kk_integers bits = exponent << 23;
  kk_vector scale;
  memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

KK_INLINE kk_vector kk_vector_sigmoid(kk_vector x) { return 1.0f / (1.0f + kk_vector_exp(-x)); }

// As kk_tanh: near zero by a series.
KK_INLINE kk_vector kk_vector_tanh(kk_vector x) {
  kk_vector z = x * x;
  kk_vector p = kk_vector_fma(kk_vector_of(-5.70498872745e-3f), z, kk_vector_of(2.06390887954e-2f));
  p = kk_vector_fma(p, z, kk_vector_of(-5.37397155531e-2f));
  p = kk_vector_fma(p, z, kk_vector_of(1.33314422036e-1f));
  p = kk_vector_fma(p, z, kk_vector_of(-3.33332819422e-1f));
  kk_vector near = kk_vector_fma(p * z, x, x);
  kk_vector far = 1.0f - 2.0f / (kk_vector_exp(2.0f * x) + 1.0f);
  return z < 0.390625f ? near : far;
}
