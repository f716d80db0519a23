#include "CPNG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !__has_include(<png.h>)
#error "The headers of libpng are missing: sudo apt-get install libpng-dev (README.md lists all that Keras for Swift needs)"
#endif
#include <png.h>

static void copy_message(char *to, const char *message) {
  snprintf(to, KERAS_PNG_MESSAGE_LENGTH, "%s", message);
}

static void keep_quiet(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

// MARK: - Reading

struct keras_png_reader {
  png_structp png;
  png_infop info;
  const uint8_t *next;
  size_t remaining;
  int is_truncated;
  char message[KERAS_PNG_MESSAGE_LENGTH];
};

static void leave_reading(png_structp png, png_const_charp message) {
  keras_png_reader *reader = png_get_error_ptr(png);
  copy_message(reader->message, message);
  png_longjmp(png, 1);
}

static void read_bytes(png_structp png, png_bytep to, size_t count) {
  keras_png_reader *reader = png_get_io_ptr(png);
  if (count > reader->remaining) {
    reader->is_truncated = 1;
    png_error(png, "the data ends early");
  }
  memcpy(to, reader->next, count);
  reader->next += count;
  reader->remaining -= count;
}

keras_png_reader *keras_png_reader_make(const uint8_t *bytes, size_t count) {
  keras_png_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->next = bytes;
  reader->remaining = count;
  reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, leave_reading, keep_quiet);
  if (reader->png) reader->info = png_create_info_struct(reader->png);
  if (!reader->info) {
    keras_png_reader_free(reader);
    return NULL;
  }
  return reader;
}

void keras_png_reader_free(keras_png_reader *reader) {
  if (!reader) return;
  png_destroy_read_struct(&reader->png, &reader->info, NULL);
  free(reader);
}

const char *keras_png_reader_message(const keras_png_reader *reader) { return reader->message; }

static keras_png_status failure(const keras_png_reader *reader) {
  return reader->is_truncated ? KERAS_PNG_TRUNCATED : KERAS_PNG_FAILED;
}

keras_png_status keras_png_start(keras_png_reader *reader) {
  png_structp png = reader->png;
  if (setjmp(png_jmpbuf(png))) return failure(reader);
  png_set_read_fn(png, reader, read_bytes);
  // As Pillow has it: what stands before the pixels must have the right checksums, whatever it is for ...
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep) "tRNS", 1);
  png_read_info(png, reader->info);
  // ... and those of the pixels and behind them are not looked at; zlib has one of its own.
  png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
  png_set_packing(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, reader->info);
  return KERAS_PNG_OK;
}

size_t keras_png_row_byte_count(const keras_png_reader *reader) {
  return png_get_rowbytes(reader->png, reader->info);
}

keras_png_status keras_png_read_row(keras_png_reader *reader, uint8_t *row) {
  if (setjmp(png_jmpbuf(reader->png))) return failure(reader);
  png_read_row(reader->png, row, NULL);
  return KERAS_PNG_OK;
}

keras_png_status keras_png_read_all(keras_png_reader *reader, uint8_t *rows, uint32_t height) {
  if (setjmp(png_jmpbuf(reader->png))) return failure(reader);
  size_t stride = png_get_rowbytes(reader->png, reader->info);
  int passes = png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_NONE ? 1 : 7;
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t y = 0; y < height; y++) png_read_row(reader->png, rows + y * stride, NULL);
  }
  return KERAS_PNG_OK;
}

keras_png_status keras_png_finish(keras_png_reader *reader) {
  if (setjmp(png_jmpbuf(reader->png))) return failure(reader);
  png_read_end(reader->png, NULL);
  return KERAS_PNG_OK;
}

// MARK: - Writing

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
  char *message;
} writer;

static void leave_writing(png_structp png, png_const_charp message) {
  writer *state = png_get_error_ptr(png);
  copy_message(state->message, message);
  png_longjmp(png, 1);
}

static void append_bytes(png_structp png, png_bytep from, size_t count) {
  writer *state = png_get_io_ptr(png);
  if (count > state->capacity - state->count) {
    size_t capacity = (state->count + count) * 2;
    uint8_t *bytes = realloc(state->bytes, capacity);
    if (!bytes) png_error(png, "no memory");
    state->bytes = bytes;
    state->capacity = capacity;
  }
  memcpy(state->bytes + state->count, from, count);
  state->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

keras_png_status keras_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int bit_depth,
    uint8_t **bytes, size_t *count, char message[KERAS_PNG_MESSAGE_LENGTH]) {
  *bytes = NULL;
  *count = 0;
  copy_message(message, "no memory");
  writer *state = calloc(1, sizeof *state);
  if (!state) return KERAS_PNG_FAILED;
  state->message = message;
  png_infop info = NULL;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, state, leave_writing, keep_quiet);
  if (png) info = png_create_info_struct(png);
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(state->bytes);
    free(state);
    return KERAS_PNG_FAILED;
  }
  int color = channels == 1 ? PNG_COLOR_TYPE_GRAY : channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGBA;
  size_t stride = (size_t)width * channels * (bit_depth / 8);
  png_set_write_fn(png, state, append_bytes, flush_nothing);
  png_set_IHDR(
      png, info, width, height, bit_depth, color, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
      PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + y * stride);
  png_write_end(png, info);
  *bytes = state->bytes;
  *count = state->count;
  png_destroy_write_struct(&png, &info);
  free(state);
  return KERAS_PNG_OK;
}
