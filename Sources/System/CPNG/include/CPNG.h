#pragma once

#include <stddef.h>
#include <stdint.h>

// libpng leaves a failing call by longjmp. Every function here returns instead: a status, and a
// sentence in the reader or writer that says what libpng said.

#define KERAS_PNG_MESSAGE_LENGTH 256

typedef enum {
  KERAS_PNG_OK = 0,
  // The data ended before the picture did.
  KERAS_PNG_TRUNCATED,
  // libpng refused the data or the arguments.
  KERAS_PNG_FAILED,
} keras_png_status;

typedef struct keras_png_reader keras_png_reader;

// A reader of `count` bytes that must outlive it; NULL when there is no memory.
keras_png_reader *keras_png_reader_make(const uint8_t *bytes, size_t count);
void keras_png_reader_free(keras_png_reader *reader);
const char *keras_png_reader_message(const keras_png_reader *reader);

// Reads up to the pixels and prepares for rows as they are stored, but for samples of 1, 2 and 4
// bits, which get a byte each (unscaled). 16-bit samples stay big-endian. Transparency, palette,
// gamma and colour profile are not applied.
keras_png_status keras_png_start(keras_png_reader *reader);
size_t keras_png_row_byte_count(const keras_png_reader *reader);
// Decodes the next row of a picture that is not interlaced.
keras_png_status keras_png_read_row(keras_png_reader *reader, uint8_t *row);
// Decodes all `height` rows of any picture to `rows`, without gaps.
keras_png_status keras_png_read_all(keras_png_reader *reader, uint8_t *rows, uint32_t height);
// Reads what follows the pixels, which checks the last of their checksums.
keras_png_status keras_png_finish(keras_png_reader *reader);

// Compresses rows without gaps: 1 (grey), 3 (RGB) or 4 (RGBA) channels of 8 bits, or big-endian grey
// of 16 bits. On success `*bytes` is for the caller to free(); on failure it is NULL and `message`
// says why.
keras_png_status keras_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int bit_depth,
    uint8_t **bytes, size_t *count, char message[KERAS_PNG_MESSAGE_LENGTH]);
