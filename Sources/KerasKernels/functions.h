// exp, log and their relatives on float32, written so that a loop over them becomes vector code.
// Errors are a few units in the last place; infinities and NaNs behave as in <math.h>.
#pragma once

#include <math.h>

#include "support.h"

// x = n · ln 2 + r with |r| ≤ ln 2 / 2; eʳ − 1 by its series. `n` comes as float.
KK_INLINE float kk_expm1_reduced(float x, float *n) {
  const float magic = 12582912.0f;  // 1.5 · 2²³: adding it rounds to an integer
  *n = (x * 1.44269504f + magic) - magic;
  float r = fmaf(*n, -0.693359375f, x);
  r = fmaf(*n, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = fmaf(p, r, 1.3981999507e-3f);
  p = fmaf(p, r, 8.3334519073e-3f);
  p = fmaf(p, r, 4.1665795894e-2f);
  p = fmaf(p, r, 1.6666665459e-1f);
  p = fmaf(p, r, 5.0000001201e-1f);
  return fmaf(p, r * r, r);
}

// 2ⁿ for an integer in −126 … 127.
KK_INLINE float kk_power_of_two(float n) { return kk_from_bits((uint32_t)((int32_t)n + 127) << 23); }

// x · 2ⁿ: two factors reach the subnormal numbers and infinity.
KK_INLINE float kk_scaled(float x, float n) {
  int32_t whole = (int32_t)n, half = whole >> 1;
  return x * kk_from_bits((uint32_t)(half + 127) << 23) * kk_from_bits((uint32_t)(whole - half + 127) << 23);
}

KK_INLINE float kk_exp(float x) {
  float clamped = x < -104.0f ? -104.0f : x;
  clamped = clamped > 89.0f ? 89.0f : clamped;
  clamped = x != x ? 0.0f : clamped;
  float n;
  float e = 1.0f + kk_expm1_reduced(clamped, &n);
  return x != x ? x : kk_scaled(e, n);
}

// 1 / (1 + e^(−x)) from e^(−|x|), which is at most 1: there is no overflow to look after.
KK_INLINE float kk_sigmoid(float x) {
  float t = -fabsf(x);
  t = t < -104.0f ? -104.0f : t;
  float n;
  float e = 1.0f + kk_expm1_reduced(t, &n);
  e = kk_scaled(e, n);
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

// The same within 10⁻⁴ of itself, for results of which bfloat16 keeps three digits.
KK_INLINE float kk_sigmoid_short(float x) {
  const float magic = 12582912.0f;
  float t = -fabsf(x) * 1.44269504f;
  t = t < -125.0f ? -125.0f : t;
  float n = t + magic, f = t - (n - magic);
  // 2 to the power of f in −½ … ½, with the least greatest relative error that four terms have.
  float p = fmaf(fmaf(fmaf(5.517167e-2f, f, 2.4261112e-1f), f, 6.9326099e-1f), f, 9.9992807e-1f);
  float e = kk_from_bits(kk_bits(p) + (kk_bits(n) << 23));
  float y = (x < 0.0f ? e : 1.0f) / (1.0f + e);
  return x != x ? x : y;
}

KK_INLINE float kk_expm1(float x) {
  float clamped = x < -30.0f ? -30.0f : x;
  clamped = clamped > 88.0f ? 88.0f : clamped;
  clamped = x != x ? 0.0f : clamped;
  float n;
  float e = kk_expm1_reduced(clamped, &n);
  float scale = kk_power_of_two(n);
  float y = fmaf(e, scale, scale - 1.0f);
  return x > 88.0f ? kk_exp(x) : x != x ? x : y;
}

// Natural logarithm; the polynomial is that of the Cephes library.
KK_INLINE float kk_log(float x) {
  float subnormal = x < 1.17549435e-38f ? 1.0f : 0.0f;
  float scaled = subnormal != 0.0f ? x * 8388608.0f : x;
  uint32_t bits = kk_bits(scaled);
  float exponent = (float)((int32_t)((bits >> 23) & 0xff) - 126) - 23.0f * subnormal;
  float m = kk_from_bits((bits & 0x007fffff) | 0x3f000000);  // 0.5 ≤ m < 1
  float low = m < 0.707106781f ? 1.0f : 0.0f;
  exponent -= low;
  float t = m - 1.0f + (low != 0.0f ? m : 0.0f);
  float z = t * t;
  float p = 7.0376836292e-2f;
  p = fmaf(p, t, -1.1514610310e-1f);
  p = fmaf(p, t, 1.1676998740e-1f);
  p = fmaf(p, t, -1.2420140846e-1f);
  p = fmaf(p, t, 1.4249322787e-1f);
  p = fmaf(p, t, -1.6668057665e-1f);
  p = fmaf(p, t, 2.0000714765e-1f);
  p = fmaf(p, t, -2.4999993993e-1f);
  p = fmaf(p, t, 3.3333331174e-1f);
  float y = p * t * z;
  y = fmaf(exponent, -2.12194440e-4f, y);
  y = fmaf(-0.5f, z, y);
  y = fmaf(exponent, 0.693359375f, t + y);
  y = x == INFINITY ? INFINITY : y;
  y = x == 0.0f ? -INFINITY : y;
  return x >= 0.0f ? y : NAN;
}

// ln(1 + x) for x in 0 … 1: the rounding of 1 + x is made good.
KK_INLINE float kk_log1p(float x) {
  float w = 1.0f + x;
  return kk_log(w) + (x - (w - 1.0f)) / w;
}

// Near zero by the series of the Cephes library, else by the exponential.
KK_INLINE float kk_tanh(float x) {
  float magnitude = fabsf(x), z = x * x;
  float p = -5.70498872745e-3f;
  p = fmaf(p, z, 2.06390887954e-2f);
  p = fmaf(p, z, -5.37397155531e-2f);
  p = fmaf(p, z, 1.33314422036e-1f);
  p = fmaf(p, z, -3.33332819422e-1f);
  float near = fmaf(p * z, x, x);
  float far = copysignf(1.0f - 2.0f / (kk_exp(2.0f * magnitude) + 1.0f), x);
  return magnitude < 0.625f ? near : (x != x ? x : far);
}

KK_INLINE float kk_softplus(float x) { return (x > 0.0f ? x : 0.0f) + kk_log1p(kk_exp(-fabsf(x))); }

// The error function: x + x · P(x²) up to 0.9, then 1 − e^(t · Q(t)) for t = |x|. P and Q have the least greatest error, of
// what erf(x) / x − 1 and ln(erfc(t)) / t ask for; the result is within 1.2 units of the last place.
KK_INLINE float kk_erf(float x) {
  float magnitude = fabsf(x), z = x * x;
  float p = -6.11129159e-4f;
  p = fmaf(p, z, 5.01622818e-3f);
  p = fmaf(p, z, -2.67819576e-2f);
  p = fmaf(p, z, 1.12822302e-1f);
  p = fmaf(p, z, -3.76125336e-1f);
  p = fmaf(p, z, 1.28379151e-1f);
  float near = fmaf(p, x, x);
  // Beyond 4 nothing is missing to 1 that float32 could tell.
  float t = magnitude < 4.0f ? magnitude : 4.0f;
  float q = 2.14595886e-4f;
  q = fmaf(q, t, -3.21998214e-3f);
  q = fmaf(q, t, 2.29060501e-2f);
  q = fmaf(q, t, -1.05286881e-1f);
  q = fmaf(q, t, -6.35699332e-1f);
  q = fmaf(q, t, -1.12852001f);
  float n;
  float e = 1.0f + kk_expm1_reduced(q * t, &n);
  float y = magnitude < 0.9f ? near : copysignf(1.0f - e * kk_power_of_two(n), x);
  return x != x ? x : y;
}

// The same within 3·10⁻⁶, for results of which bfloat16 keeps three digits: x · P(x²) / Q(x²), of the least greatest error.
KK_INLINE float kk_erf_short(float x) {
  float z = x * x;
  float p = fmaf(fmaf(fmaf(fmaf(-3.55794663e-6f, z, 1.00834986e-3f), z, 4.63651688e-2f), z, 1.59985607e-1f), z, 1.12839705f);
  float q = fmaf(fmaf(fmaf(1.07018100e-2f, z, 9.91132600e-2f), z, 4.75266040e-1f), z, 1.0f);
  // Beyond 3.6 less than that is missing to 1; a NaN stays one.
  float y = x * p / q;
  y = x >= 3.6f ? 1.0f : y;
  return x <= -3.6f ? -1.0f : y;
}
