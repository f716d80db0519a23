// What the kernels share: compilation for several CPUs, blocks of float32.
#pragma once

#include <string.h>

#include "KerasKernels.h"

// Compiles a function once for each generation of x86-64; the best one is chosen when the program starts.
#if defined(__x86_64__)
#define KK_MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KK_MULTIVERSION
#endif
// Before a loop whose steps know nothing of each other, also when it works in place: it need not find out first (and
// do without vectors where tensors share memory).
#define KK_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")
// Where a step calls the C library there is nothing to vectorise.
#pragma clang diagnostic ignored "-Wpass-failed"
#define KK_INLINE static inline __attribute__((always_inline))

// Elements are processed in blocks of this many, converted to float32 where they are stored otherwise.
enum { KK_BLOCK = 512 };

// The least work, in elements, that is worth a thread of its own.
enum { KK_GRAIN = 16384 };

KK_INLINE size_t kk_min(size_t a, size_t b) { return a < b ? a : b; }
KK_INLINE size_t kk_ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }
KK_INLINE size_t kk_size(kk_type type) { return type == KK_FLOAT32 ? 4 : type == KK_BFLOAT16 ? 2 : 1; }
KK_INLINE const void *kk_at(const void *x, kk_type type, size_t i) {
  return (const char *)x + i * kk_size(type);
}
KK_INLINE void *kk_at_mutable(void *x, kk_type type, size_t i) { return (char *)x + i * kk_size(type); }

KK_INLINE float kk_from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}
KK_INLINE uint32_t kk_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}

// One element from and to bfloat16: rounded to nearest, ties to even; a NaN stays a NaN.
KK_INLINE float kk_widened(uint16_t x) { return kk_from_bits((uint32_t)x << 16); }
KK_INLINE uint16_t kk_narrowed(float x) {
  uint32_t bits = kk_bits(x);
  uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  uint32_t nan = (bits >> 16) | 0x40;
  return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? nan : rounded);
}

void kk_widen(const uint16_t *x, float *y, size_t count);
void kk_narrow(const float *x, uint16_t *y, size_t count);
void kk_widen_bytes(const uint8_t *x, float *y, size_t count);
void kk_narrow_bytes(const float *x, uint8_t *y, size_t count);

// `count` elements as float32: where they stand, or converted into `block`.
KK_INLINE const float *kk_load(const void *x, kk_type type, float *block, size_t count) {
  if (type == KK_FLOAT32) return (const float *)x;
  if (type == KK_BFLOAT16) {
    kk_widen((const uint16_t *)x, block, count);
  } else {
    kk_widen_bytes((const uint8_t *)x, block, count);
  }
  return block;
}
// Where to compute `count` elements of y, and afterwards how to store them.
KK_INLINE float *kk_target(void *y, kk_type type, float *block) {
  return type == KK_FLOAT32 ? (float *)y : block;
}
KK_INLINE void kk_store(const float *block, void *y, kk_type type, size_t count) {
  if (type == KK_BFLOAT16) kk_narrow(block, (uint16_t *)y, count);
  if (type == KK_BOOL) kk_narrow_bytes(block, (uint8_t *)y, count);
}

// y = f(x) for one block; y may be x.
void kk_apply(kk_function f, const float *x, float *y, size_t count);
// The same for a result that is stored as `type`: digits that it does not hold may be wrong.
void kk_apply_for(kk_type type, kk_function f, const float *x, float *y, size_t count);
// y = a op b for one block; y may be a or b.
void kk_combine(kk_operator op, const float *a, const float *b, float *y, size_t count);
// y = 1 where a stands to b as `op` says, else 0, for one block; y may be a or b.
void kk_compare_block(kk_comparison op, const float *a, const float *b, float *y, size_t count);
// y = c is not 0 ? a : b for one block; y may be any of them.
void kk_select_block(const float *c, const float *a, const float *b, float *y, size_t count);
