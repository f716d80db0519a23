// A door to libwebp, which is loaded when the first WebP picture is read, and need not be installed. Its simple
// decoding functions have been the same since its first version, so that no header is needed.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  // Whether `data` begins as a WebP picture does, and its size; 0 when it does not.
  int (*WebPGetInfo)(const uint8_t *data, size_t size, int *width, int *height);
  // Red, green, blue and opacity into `output`, of `output_size` bytes; NULL when it cannot.
  uint8_t *(*WebPDecodeRGBAInto)(
      const uint8_t *data, size_t size, uint8_t *output, size_t output_size, int stride);
} cwebp_functions;

// Loads the library; to be called once. NULL when it is not installed.
const cwebp_functions *cwebp_load(void);
