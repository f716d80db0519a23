// Chains of element-wise functions: a block of elements goes through all of them while it is in the cache, and what
// stands between them never reaches memory.
#include "avx512.h"
#include "chain.h"

#include "functions.h"

// Elements start ..< start + count of an operand that is stretched: x[i / outer * period + i % period]. `start` is at
// the same place of a period as `phase` before, of part `part`, if the block still holds what is asked for.
static void fill(
    const kk_chain_operand *o, const void *x, size_t start, float *block, size_t count, kk_filling *last) {
  size_t phase = start % o->outer % o->period, part = start / o->outer;
  bool is_whole = start % o->outer + count <= o->outer;
  if (is_whole && last->count >= count && last->phase == phase && last->part == part) return;
  last->count = is_whole ? count : 0;
  last->phase = phase;
  last->part = part;
  for (size_t i = 0; i < count;) {
    size_t within = (start + i) % o->outer, from = within % o->period;
    const float *values;
    size_t run = kk_min(kk_min(o->period - from, o->outer - within), count - i);
    size_t base = (start + i) / o->outer * o->period + from;
    values = kk_load(kk_at(x, o->type, base), o->type, block + i, run);
    if (values != block + i) memcpy(block + i, values, run * sizeof(float));
    // The rest of this part repeats what one period holds.
    size_t rest = kk_min(o->outer - within, count - i);
    if (from == 0 && run == o->period) {
      for (size_t done = run; done < rest;) {
        size_t more = kk_min(done, rest - done);
        memcpy(block + i + done, block + i, more * sizeof(float));
        done += more;
      }
      run = rest;
    }
    i += run;
  }
}

const float *kk_chain_block(
    const kk_chain_plan *p, const void *const *operands, size_t start, size_t count, float *target, kk_type stored,
    kk_chain_blocks *b) {
  const float **values = b->values;
  for (int i = 0; i < p->operand_count; i++) {
    const kk_chain_operand *o = &p->operands[i];
    if (o->period == p->count) {
      values[i] = kk_load(kk_at(operands[i], o->type, start), o->type, b->blocks[i], count);
    } else {
      fill(o, operands[i], start, b->blocks[i], count, &b->fillings[i]);
      values[i] = b->blocks[i];
    }
  }
  if (p->step_count == 0) return values[0];
  for (int i = 0; i < p->step_count; i++) {
    const kk_chain_step *s = &p->steps[i];
    float *y = target && i == p->step_count - 1 ? target : b->blocks[s->y];
    switch (s->kind) {
      case KK_APPLY: kk_apply_for(stored, s->f, values[s->a], y, count); break;
      case KK_COMBINE: kk_combine(s->op, values[s->a], values[s->b], y, count); break;
      case KK_COMPARE: kk_compare_block(s->comparison, values[s->a], values[s->b], y, count); break;
      case KK_SELECT: kk_select_block(values[s->a], values[s->b], values[s->c], y, count); break;
    }
    values[s->y] = y;
  }
  return values[p->steps[p->step_count - 1].y];
}

// Two chains that networks are full of, in one go: x · sigmoid(x), and x · (c · erf(a · x + b) + d).
typedef enum { NO_GATE, SIGMOID_GATE, ERROR_FUNCTION_GATE } gate;

static gate gate_of(const kk_chain_plan *p) {
  int last = p->step_count - 1;
  if (p->operand_count != 1 || p->result_count != 1 || last < 1 || p->operands[0].period != p->count) return NO_GATE;
  if (p->operands[0].type != p->y_type || p->y_type == KK_BOOL) return NO_GATE;
  // Each step goes on with what the one before left, and the last multiplies that with the operand.
  for (int i = 0; i < last; i++) {
    if (p->steps[i].kind != KK_APPLY || p->steps[i].a != (i ? p->steps[i - 1].y : 0)) return NO_GATE;
  }
  const kk_chain_step *product = &p->steps[last];
  int gating = p->steps[last - 1].y;
  if (product->kind != KK_COMBINE || product->op != KK_MULTIPLY) return NO_GATE;
  if (!(product->a == 0 && product->b == gating) && !(product->a == gating && product->b == 0)) return NO_GATE;
  if (last == 1 && p->steps[0].f.kind == KK_SIGMOID) return SIGMOID_GATE;
  bool is_linear = last == 3 && p->steps[0].f.kind == KK_LINEAR && p->steps[2].f.kind == KK_LINEAR;
  return is_linear && p->steps[1].f.kind == KK_ERROR_FUNCTION ? ERROR_FUNCTION_GATE : NO_GATE;
}

KK_MULTIVERSION static void sigmoid_gate(const float *x, float *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) y[i] = x[i] * kk_sigmoid(x[i]);
}

#if defined(__x86_64__)
// x / (1 + e⁻ˣ) in the digits of bfloat16: the instruction that guesses reciprocals is right to 14 bits, and there are
// instructions for the exponent and for rounding, which compilers do not find.
KK_AVX512_INLINE __m512 gated_by_sigmoid(__m512 x) {
  __m512 t = _mm512_mul_ps(x, _mm512_set1_ps(-1.44269504f));
  // In this order of operands a NaN stays.
  t = _mm512_min_ps(_mm512_set1_ps(200), _mm512_max_ps(_mm512_set1_ps(-200), t));
  __m512 n = _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), f = _mm512_sub_ps(t, n);
  // As in kk_sigmoid_short.
  __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(5.517167e-2f), f, _mm512_set1_ps(2.4261112e-1f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(6.9326099e-1f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(9.9992807e-1f));
  __m512 sum = _mm512_add_ps(_mm512_scalef_ps(p, n), _mm512_set1_ps(1));
  return _mm512_mul_ps(x, _mm512_rcp14_ps(sum));
}

KK_AVX512_INLINE __m512 widened(__m256i x) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}

KK_AVX512_BFLOAT16 static void sigmoid_gate_by_instructions(const uint16_t *x, uint16_t *y, size_t count) {
  for (size_t i = 0; i < count; i += 32) {
    __mmask32 there = count - i < 32 ? (1u << (count - i)) - 1 : ~0u;
    __m512i both = _mm512_maskz_loadu_epi16(there, x + i);
    __m512 low = gated_by_sigmoid(widened(_mm512_castsi512_si256(both)));
    __m512 high = gated_by_sigmoid(widened(_mm512_extracti64x4_epi64(both, 1)));
    _mm512_mask_storeu_epi16(y + i, there, (__m512i)_mm512_cvtne2ps_pbh(high, low));
  }
}
#endif

KK_MULTIVERSION static void sigmoid_gate_of_halves(const uint16_t *x, uint16_t *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
    float v = kk_widened(x[i]);
    y[i] = kk_narrowed(v * kk_sigmoid_short(v));
  }
}

KK_MULTIVERSION static void error_function_gate(kk_function in, kk_function out, const float *x, float *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
    y[i] = x[i] * fmaf(out.a, kk_erf(fmaf(in.a, x[i], in.b)), out.b);
  }
}

KK_MULTIVERSION static void error_function_gate_of_halves(
    kk_function in, kk_function out, const uint16_t *x, uint16_t *y, size_t count) {
  KK_ELEMENTWISE for (size_t i = 0; i < count; i++) {
    float v = kk_widened(x[i]);
    y[i] = kk_narrowed(v * fmaf(out.a, kk_erf_short(fmaf(in.a, v, in.b)), out.b));
  }
}

typedef struct {
  const kk_chain_plan *plan;
  const void *const *operands;
  void *const *results;
  size_t block;
  gate kind;
} job;

static void gate_chunk(void *pointer, int number, int worker) {
  job *j = pointer;
  const kk_chain_plan *p = j->plan;
  size_t start = (size_t)number * KK_GRAIN, count = kk_min(KK_GRAIN, p->count - start);
  const void *x = kk_at(j->operands[0], p->y_type, start);
  void *y = kk_at_mutable(j->results[0], p->y_type, start);
  bool is_half = p->y_type == KK_BFLOAT16;
  kk_function in = p->steps[0].f, out = p->steps[p->step_count - 2].f;
  if (j->kind == SIGMOID_GATE) {
#if defined(__x86_64__)
    if (is_half && kk_has_avx512_bfloat16()) return sigmoid_gate_by_instructions(x, y, count);
#endif
    is_half ? sigmoid_gate_of_halves(x, y, count) : sigmoid_gate(x, y, count);
  } else {
    is_half ? error_function_gate_of_halves(in, out, x, y, count) : error_function_gate(in, out, x, y, count);
  }
}

static void chunk(void *pointer, int number, int worker) {
  job *j = pointer;
  const kk_chain_plan *p = j->plan;
  kk_chain_blocks blocks;
  memset(blocks.fillings, 0, sizeof blocks.fillings);
  float out[KK_BLOCK];
  // Whole blocks, so that a short period begins where a block does.
  size_t grain = KK_GRAIN / j->block * j->block, end = kk_min(((size_t)number + 1) * grain, p->count);
  for (size_t start = (size_t)number * grain; start < end; start += j->block) {
    size_t count = kk_min(j->block, end - start);
    void *y = kk_at_mutable(j->results[0], p->y_type, start);
    float *target = kk_target(y, p->y_type, out);
    kk_chain_block(p, j->operands, start, count, target, p->y_type, &blocks);
    kk_store(target, y, p->y_type, count);
    // Not earlier: they may stand where steps still read.
    for (int i = 1; i < p->result_count; i++) {
      y = kk_at_mutable(j->results[i], p->y_type, start);
      const float *values = blocks.values[p->further_results[i - 1]];
      if (p->y_type == KK_FLOAT32) memcpy(y, values, count * sizeof(float));
      kk_store(values, y, p->y_type, count);
    }
  }
}

static size_t common_multiple(size_t a, size_t b) {
  size_t x = a, y = b;
  while (y) {
    size_t rest = x % y;
    x = y;
    y = rest;
  }
  return a / x * b;
}

void kk_chain(const kk_chain_plan *plan, const void *const *operands, void *const *results) {
  if (plan->count == 0) return;
  gate kind = gate_of(plan);
  if (kind != NO_GATE) {
    job j = {plan, operands, results, 0, kind};
    return kk_parallel((int)kk_ceil_div(plan->count, KK_GRAIN), gate_chunk, &j);
  }
  size_t pattern = 1;
  for (int i = 0; i < plan->operand_count && pattern <= KK_BLOCK; i++) {
    size_t period = plan->operands[i].period;
    if (period < plan->count && period <= KK_BLOCK) pattern = common_multiple(pattern, period);
  }
  job j = {plan, operands, results, pattern <= KK_BLOCK ? KK_BLOCK / pattern * pattern : KK_BLOCK};
  size_t grain = KK_GRAIN / j.block * j.block;
  kk_parallel((int)kk_ceil_div(plan->count, grain), chunk, &j);
}
