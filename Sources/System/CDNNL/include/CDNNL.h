// A door to oneDNN's C API (version 2), which is loaded when the first program is prepared: so that a
// start that needs no kernels is spared 40 megabytes of library, and a machine without it can say so.
#pragma once
#if !__has_include(<oneapi/dnnl/dnnl.h>)
#error "The headers of oneDNN are missing: sudo apt-get install libdnnl-dev (README.md lists all that Keras for Swift needs)"
#endif
#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>

// The functions in use. To call another, add its name here.
#define CDNNL_FUNCTIONS(F)                \
  F(dilated_convolution_backward_data_desc_init) \
  F(dilated_convolution_backward_weights_desc_init) \
  F(dilated_convolution_forward_desc_init) \
  F(engine_create)                        \
  F(get_effective_cpu_isa)                \
  F(inner_product_forward_desc_init)      \
  F(matmul_desc_init)                     \
  F(memory_create)                        \
  F(memory_desc_equal)                    \
  F(memory_desc_get_size)                 \
  F(memory_desc_init_by_strides)          \
  F(memory_desc_init_by_tag)              \
  F(memory_destroy)                       \
  F(memory_set_data_handle)               \
  F(pooling_v2_forward_desc_init)         \
  F(post_ops_append_binary)               \
  F(post_ops_append_eltwise)              \
  F(post_ops_append_sum)                  \
  F(post_ops_create)                      \
  F(post_ops_destroy)                     \
  F(primitive_attr_create)                \
  F(primitive_attr_destroy)               \
  F(primitive_attr_set_output_scales)     \
  F(primitive_attr_set_post_ops)          \
  F(primitive_attr_set_scratchpad_mode)   \
  F(primitive_create)                     \
  F(primitive_desc_create)                \
  F(primitive_desc_destroy)               \
  F(primitive_desc_query)                 \
  F(primitive_desc_query_md)              \
  F(primitive_destroy)                    \
  F(primitive_execute)                    \
  F(reorder_primitive_desc_create)        \
  F(stream_create)                        \
  F(stream_destroy)                       \
  F(stream_wait)                          \
  F(version)

typedef struct {
#define CDNNL_FIELD(NAME) __typeof__(dnnl_##NAME) *NAME;
  CDNNL_FUNCTIONS(CDNNL_FIELD)
#undef CDNNL_FIELD
} cdnnl_functions;

// Loads the library; to be called once. NULL when version 2 is not installed.
const cdnnl_functions *cdnnl_load(void);
