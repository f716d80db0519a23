// C kernels for what no library has: element-wise functions, reductions, copies.
//
// Every kernel runs on as many OpenMP threads as the calling thread would use (`kk_thread_count`), in
// chunks handed out as threads become free. Tensors are dense and row-major; none may overlap unless said.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// --- Threads ---------------------------------------------------------------------------------------------

// The number of CPUs this process may use.
int kk_cpu_count(void);
// The number of threads a kernel started by this thread uses.
int kk_thread_count(void);
// Changes it, for this thread only.
void kk_set_thread_count(int count);
// Calls `body(context, chunk, worker)` for each chunk in 0..<chunks; calls with the same worker, a number
// below kk_thread_count(), never overlap.
typedef void kk_body(void *context, int chunk, int worker);
void kk_parallel(int chunks, kk_body *body, void *context);

// --- Numbers ---------------------------------------------------------------------------------------------

// How elements are stored; arithmetic happens in float32. Only chains read and write KK_BOOL: bytes 0 and 1, numbers 0
// and 1 in a chain.
typedef enum { KK_FLOAT32, KK_BFLOAT16, KK_BOOL } kk_type;

void kk_convert(const void *x, kk_type from, void *y, kk_type to, size_t count);

// --- Element-wise functions ------------------------------------------------------------------------------

typedef enum {
  KK_IDENTITY,
  KK_RELU,
  KK_LEAKY_RELU,  // a: slope
  KK_ELU,         // a: alpha
  KK_CLIP,        // a: low, b: high
  KK_SIGMOID,
  KK_TANH,
  KK_SOFTPLUS,
  KK_SOFTSIGN,
  KK_EXPONENTIAL,
  KK_EXPONENTIAL_MINUS_ONE,
  KK_LOGARITHM,
  KK_LOGARITHM_OF_ONE_PLUS,
  KK_SQUARE_ROOT,
  KK_RECIPROCAL_SQUARE_ROOT,
  KK_RECIPROCAL,
  KK_SQUARE,
  KK_ABSOLUTE,
  KK_LINEAR,  // a: scale, b: offset
  KK_SIGN,
  KK_FLOOR,
  KK_CEILING,
  KK_ROUND,  // halves to the even integer
  KK_SINE,
  KK_COSINE,
  KK_TANGENT,
  KK_ARCSINE,
  KK_ARCCOSINE,
  KK_ARCTANGENT,
  KK_HYPERBOLIC_SINE,
  KK_HYPERBOLIC_COSINE,
  KK_ERROR_FUNCTION,
} kk_function_kind;

typedef struct {
  kk_function_kind kind;
  float a, b;
} kk_function;

// y = f(x). y may be x when both are stored alike.
void kk_unary(kk_function f, const void *x, kk_type x_type, void *y, kk_type y_type, size_t count);

// y = f((x - mean) * scale + beta), channel by channel. y may be x when both are stored alike.
typedef struct {
  size_t rows, channels;
  size_t x_row;  // numbers from one row of x to the next
  kk_function f;
} kk_normalization;
void kk_normalize(
    const kk_normalization *n, const void *x, kk_type x_type, void *y, kk_type y_type, const float *mean,
    const float *scale, const float *beta);

// --- Two operands ----------------------------------------------------------------------------------------

enum { KK_MAX_RANK = 12 };

typedef enum {
  KK_ADD,
  KK_SUBTRACT,
  KK_MULTIPLY,
  KK_DIVIDE,
  KK_MAXIMUM,
  KK_MINIMUM,
  KK_POWER,
  KK_FLOOR_DIVIDE,
  KK_REMAINDER,  // of the divisor's sign
  KK_ARCTANGENT2,
} kk_operator;

// y = a op b with broadcasting: a stride is 0 along an axis where its operand is stretched, and the last
// axis' strides are 0 or 1. y may be an operand that is stored alike and not stretched.
typedef struct {
  kk_operator op;
  int rank;  // at least 1
  size_t lengths[KK_MAX_RANK];
  size_t a_strides[KK_MAX_RANK], b_strides[KK_MAX_RANK];
  kk_type a_type, b_type, y_type;
} kk_binary_plan;
void kk_binary(const kk_binary_plan *plan, const void *a, const void *b, void *y);

typedef enum { KK_EQUAL, KK_NOT_EQUAL, KK_LESS, KK_LESS_EQUAL, KK_GREATER, KK_GREATER_EQUAL } kk_comparison;

// --- Chains of element-wise functions --------------------------------------------------------------------

enum { KK_CHAIN_OPERANDS = 8, KK_CHAIN_TEMPORARIES = 8, KK_CHAIN_STEPS = 24, KK_CHAIN_RESULTS = 4 };

// Element i of the result reads x[i / outer * period + i % outer % period] of an operand; period and outer are
// the result's count where it is not stretched.
typedef struct {
  kk_type type;
  size_t period, outer;
} kk_chain_operand;
typedef enum {
  KK_APPLY,    // y = f(a)
  KK_COMBINE,  // y = a op b
  KK_COMPARE,  // y = 1 where a stands to b as `comparison` says, else 0
  KK_SELECT,   // y = b where a is not 0, else c
} kk_step_kind;
// Operands are numbered from 0, what steps leave for later ones from KK_CHAIN_OPERANDS.
typedef struct {
  kk_step_kind kind;
  kk_function f;
  kk_operator op;
  kk_comparison comparison;
  int a, b, c, y;
} kk_chain_step;
// The last step gives the first result; further ones are what earlier steps left at these numbers. Each may stand where an
// operand does that is stored alike and not stretched.
typedef struct {
  int operand_count, step_count, result_count;
  kk_chain_operand operands[KK_CHAIN_OPERANDS];
  kk_chain_step steps[KK_CHAIN_STEPS];
  int further_results[KK_CHAIN_RESULTS - 1];
  kk_type y_type;  // of all results
  size_t count;
} kk_chain_plan;
void kk_chain(const kk_chain_plan *plan, const void *const *operands, void *const *results);

// --- Conditions ------------------------------------------------------------------------------------------

// y = a op b of float32, as bytes 0 and 1; strides as of kk_binary_plan.
typedef struct {
  kk_comparison op;
  int rank;
  size_t lengths[KK_MAX_RANK];
  size_t a_strides[KK_MAX_RANK], b_strides[KK_MAX_RANK];
} kk_comparison_plan;
void kk_compare(const kk_comparison_plan *plan, const float *a, const float *b, uint8_t *y);

// y = condition ? a : b of float32. y may be an operand that is not stretched.
typedef struct {
  int rank;
  size_t lengths[KK_MAX_RANK];
  size_t condition_strides[KK_MAX_RANK], a_strides[KK_MAX_RANK], b_strides[KK_MAX_RANK];
} kk_selection_plan;
void kk_select(
    const kk_selection_plan *plan, const uint8_t *condition, const float *a, const float *b, float *y);

// --- Moving elements -------------------------------------------------------------------------------------

// y[i · y_strides] = x[i · x_strides] for every index i below `lengths`; strides count elements.
typedef struct {
  int rank;  // at least 1
  size_t element_size;  // 1, 2, 4 or 8 bytes
  size_t lengths[KK_MAX_RANK];
  size_t x_strides[KK_MAX_RANK], y_strides[KK_MAX_RANK];
} kk_copy_plan;
void kk_copy(const kk_copy_plan *plan, const void *x, void *y);

// Fills memory with copies of one element of `element_size` bytes.
void kk_fill(void *y, const void *element, size_t element_size, size_t count);

// --- Reductions ------------------------------------------------------------------------------------------

typedef enum { KK_SUM, KK_MEAN, KK_HIGHEST, KK_LOWEST, KK_PRODUCT } kk_reduction;

// [outer, n, inner] to [outer, inner], with `scratch` of so many floats.
typedef struct {
  kk_reduction r;
  size_t outer, n, inner;
  kk_type y_type;
} kk_reduction_plan;
size_t kk_reduction_scratch_count(const kk_reduction_plan *plan);
void kk_reduce(const kk_reduction_plan *plan, const void *x, kk_type x_type, void *y, float *scratch);
// The same of what a chain gives, which never reaches memory; the chain has no further results.
void kk_reduce_chain(
    const kk_reduction_plan *plan, const kk_chain_plan *chain, const void *const *operands, void *y, float *scratch);

// --- Pooling ---------------------------------------------------------------------------------------------

// The largest number under each window over [batch, lengths…, channels]: what is no number where there is one, −∞ where
// the window lies on nothing but padding. Axes that are not there have length 1.
typedef struct {
  size_t batch, channels;
  size_t lengths[3], results[3], window[3], strides[3], dilations[3], before[3];
} kk_max_pooling_plan;
void kk_max_pool(const kk_max_pooling_plan *plan, const void *x, kk_type type, void *y);

// The gradient of x: to the first largest number under each window (the first that is none, where there is one) goes what
// came back to it; sums are float32. Windows have 255 elements at most; `choices` has a byte for each result.
void kk_max_pool_gradient(
    const kk_max_pooling_plan *plan, const void *x, const void *dy, kk_type type, void *dx, uint8_t *choices);

// --- Rows ------------------------------------------------------------------------------------------------

// Softmax along the middle axis of [outer, n, inner]. y may be x when both are stored alike.
void kk_softmax(
    const void *x, kk_type x_type, void *y, kk_type y_type, size_t outer, size_t n, size_t inner);

// Whether this CPU has what kk_standardize and the recurrent layers are written for.
bool kk_has_vectors(void);

// (x − mean) / √(variance + epsilon) of each row of [rows, n]. y may be x.
void kk_standardize(const float *x, float *y, size_t rows, size_t n, float epsilon);

// --- Recurrent layers ------------------------------------------------------------------------------------

typedef enum { KK_LSTM, KK_GRU } kk_cell;
typedef struct {
  kk_cell cell;
  size_t steps, batch, units;
  bool reversed;
} kk_recurrent_plan;

// From a kernel [units, gates · units]; an LSTM has 4 gates, a GRU 3.
size_t kk_recurrent_weight_count(const kk_recurrent_plan *p);
void kk_recurrent_pack(const kk_recurrent_plan *p, const float *kernel, float *packed);
// Projections are [steps, batch, gates · units], states and cells [steps, batch, units], saved gates [steps,
// batch, 4 · units], h and c, the initial states, [batch, units]. A GRU has a bias and neither c nor cells. A
// mask [steps, batch] and saved gates may be NULL.
void kk_recurrent(
    const kk_recurrent_plan *p, const float *projections, const float *h, const float *c, const float *packed,
    const float *bias, const uint8_t *mask, float *states, float *cells, float *saved);

size_t kk_recurrent_gradient_weight_count(const kk_recurrent_plan *p);
void kk_recurrent_gradient_pack(const kk_recurrent_plan *p, const float *kernel, float *packed);
// `upstream` and `cell_upstream` are the gradients of states and cells. Gives those of the projections and of h,
// and as third that of c, or for a GRU that of the products [steps, batch, 3 · units].
void kk_recurrent_gradient(
    const kk_recurrent_plan *p, const float *saved, const float *states, const float *h, const float *cells,
    const float *c, const float *packed, const float *upstream, const float *cell_upstream,
    const uint8_t *mask, float *projections, float *dh, float *third);

// --- Convolution as a product of matrices ----------------------------------------------------------------

// Of float32 images [batch, height, width, channels] over a window without gaps; with a window of one, a product of
// matrices. Results are the same bits for any number of threads.
typedef struct {
  size_t batch, height, width, channels, out_height, out_width, filters;
  size_t window[2], strides[2];
  size_t top, left;  // padding
  bool is_transposed;  // the kernel is [filters, window…, channels]
  float low, high;     // bounds of the result
} kk_direct_plan;

// Whether this CPU has vectors for it, and no better code in oneDNN.
bool kk_direct_suits(const kk_direct_plan *plan);
size_t kk_direct_weight_count(const kk_direct_plan *plan);
// From a kernel [window…, channels, filters] (or as the plan says), multiplied by a scale [filters] when that is not NULL.
void kk_direct_pack(const kk_direct_plan *plan, const float *kernel, const float *scale, float *packed);
// Floats of scratch memory that a call needs.
size_t kk_direct_scratch_count(const kk_direct_plan *plan, int threads);
// y = clip(convolution(x) + bias + residual); bias and residual may be NULL, residual may be y.
void kk_direct(
    const kk_direct_plan *plan, const float *x, const float *packed, const float *bias, const float *residual, float *y,
    float *scratch);

// --- Winograd's convolution ------------------------------------------------------------------------------

// 3×3 convolution with stride 1 of float32 images [batch, height, width, channels] by F(4×4, 3×3): 2.25
// multiplications for each of the direct method's 9. Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks" (2015).
typedef struct {
  size_t batch, height, width, channels, out_height, out_width, filters;
  // Zeros before the first row and column.
  size_t top, left;
  // The result is clipped to low … high.
  float low, high;
  // Whether kernels are those of the convolution whose gradient by its images this is: [3, 3, filters, channels], turned
  // by half a circle.
  bool is_transposed;
} kk_winograd_plan;

// Whether this CPU has the instructions and the shape suits them.
bool kk_winograd_suits(const kk_winograd_plan *plan);
size_t kk_winograd_weight_count(const kk_winograd_plan *plan);
// From a kernel [3, 3, channels, filters] (or as the plan says), multiplied by a scale [filters] when that is not NULL.
void kk_winograd_pack(const kk_winograd_plan *plan, const float *kernel, const float *scale, float *packed);
// Floats of scratch memory that a call needs.
size_t kk_winograd_scratch_count(const kk_winograd_plan *plan, int threads);
// y = clip(convolution(x) + bias + residual); bias and residual may be NULL, residual may be y.
void kk_winograd(
    const kk_winograd_plan *plan, const float *x, const float *packed, const float *bias,
    const float *residual, float *y, float *scratch);
size_t kk_winograd_gradient_scratch_count(const kk_winograd_plan *plan, int threads);
// The gradient [3, 3, channels, filters] of the kernel, from the images and the gradient y of the result.
void kk_winograd_gradient(
    const kk_winograd_plan *plan, const float *x, const float *y, float *gradient, float *scratch);

#ifdef __cplusplus
}
#endif
