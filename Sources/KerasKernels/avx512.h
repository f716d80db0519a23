// Code for CPUs with 512-bit vectors, compiled on any x86-64 and called only where kk_has_avx512().
#pragma once

#include "support.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define KK_AVX512_TARGET target("avx512f,avx512bw,avx512vl,avx512dq,fma")
#define KK_AVX512 __attribute__((KK_AVX512_TARGET))
#define KK_AVX512_INLINE static inline __attribute__((always_inline, KK_AVX512_TARGET))
#define KK_AVX512_BFLOAT16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma,avx512bf16")))
#define KK_UNROLL _Pragma("clang loop unroll(full)")

KK_INLINE bool kk_has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
KK_INLINE bool kk_has_avx512_bfloat16(void) { return kk_has_avx512() && __builtin_cpu_supports("avx512bf16"); }
#endif
