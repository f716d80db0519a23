#pragma once

#include <stddef.h>
#include <stdint.h>

// libjpeg leaves a failing call by longjmp. Every function here returns instead: a status, and a
// sentence in the reader or writer that says what libjpeg said.

#define KERAS_JPEG_MESSAGE_LENGTH 256

typedef enum {
  KERAS_JPEG_OK = 0,
  // The data ended before the picture did.
  KERAS_JPEG_TRUNCATED,
  // libjpeg refused the data or the arguments.
  KERAS_JPEG_FAILED,
} keras_jpeg_status;

typedef struct keras_jpeg_reader keras_jpeg_reader;

// A reader of `count` bytes that must outlive it; NULL when there is no memory.
keras_jpeg_reader *keras_jpeg_reader_make(const uint8_t *bytes, size_t count);
void keras_jpeg_reader_free(keras_jpeg_reader *reader);
const char *keras_jpeg_reader_message(const keras_jpeg_reader *reader);

// Reads up to the first scan; allocates nothing that grows with the picture.
keras_jpeg_status keras_jpeg_read_header(keras_jpeg_reader *reader);
uint32_t keras_jpeg_width(const keras_jpeg_reader *reader);
uint32_t keras_jpeg_height(const keras_jpeg_reader *reader);
// 1 (grey), 3 (RGB or YCbCr) or 4 (CMYK or YCCK); other numbers cannot be decoded.
int keras_jpeg_components(const keras_jpeg_reader *reader);

// Prepares for rows of 1 (grey), 3 (RGB) or 4 (CMYK as stored) bytes a pixel, with the accurate inverse transform or
// the fast one.
keras_jpeg_status keras_jpeg_start(keras_jpeg_reader *reader, int fast);
// Decodes the next `count` rows, which must exist, to `rows`, `stride` bytes apart.
keras_jpeg_status keras_jpeg_read_rows(
    keras_jpeg_reader *reader, uint8_t *rows, size_t stride, uint32_t count);

// Compresses grey (1 channel) or RGB (3 channels) rows without gaps. On success `*bytes` is for the
// caller to free(); on failure it is NULL and `message` says why.
keras_jpeg_status keras_jpeg_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int quality,
    uint8_t **bytes, size_t *count, char message[KERAS_JPEG_MESSAGE_LENGTH]);
