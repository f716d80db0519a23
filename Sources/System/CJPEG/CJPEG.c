#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !__has_include(<jpeglib.h>)
#error "The headers of libjpeg are missing: sudo apt-get install libjpeg-dev (README.md lists all that Keras for Swift needs)"
#endif
#include <jpeglib.h>
#include <jerror.h>

_Static_assert(KERAS_JPEG_MESSAGE_LENGTH >= JMSG_LENGTH_MAX, "libjpeg's messages must fit");

// A progressive file of a few kilobytes can ask for thousands of passes over a huge picture.
// Encoders write about ten.
static const int maximum_scans = 500;

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
} error_manager;

static void leave(j_common_ptr codec) {
  error_manager *errors = (error_manager *)codec->err;
  codec->err->format_message(codec, errors->message);
  longjmp(errors->escape, 1);
}

static void keep_quiet(j_common_ptr codec) { (void)codec; }

static struct jpeg_error_mgr *prepare(error_manager *errors) {
  jpeg_std_error(&errors->base);
  errors->base.error_exit = leave;
  errors->base.output_message = keep_quiet;
  errors->message[0] = 0;
  return &errors->base;
}

// MARK: - Reading

struct keras_jpeg_reader {
  struct jpeg_decompress_struct codec;
  error_manager errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
};

static void do_nothing(j_decompress_ptr codec) { (void)codec; }

// All bytes are there from the start, so a wish for more means that the file was cut short. The
// decoder is told to wait, and the call that led here reports the truncation.
static boolean refuse_more(j_decompress_ptr codec) {
  (void)codec;
  return FALSE;
}

static void skip(j_decompress_ptr codec, long count) {
  struct jpeg_source_mgr *source = codec->src;
  if (count <= 0) return;
  size_t step = (size_t)count < source->bytes_in_buffer ? (size_t)count : source->bytes_in_buffer;
  source->next_input_byte += step;
  source->bytes_in_buffer -= step;
}

static void limit_scans(j_common_ptr codec) {
  if (((j_decompress_ptr)codec)->input_scan_number <= maximum_scans) return;
  error_manager *errors = (error_manager *)codec->err;
  snprintf(errors->message, sizeof errors->message, "more than %d scans", maximum_scans);
  longjmp(errors->escape, 1);
}

keras_jpeg_reader *keras_jpeg_reader_make(const uint8_t *bytes, size_t count) {
  keras_jpeg_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->codec.err = prepare(&reader->errors);
  if (setjmp(reader->errors.escape)) {
    keras_jpeg_reader_free(reader);
    return NULL;
  }
  jpeg_create_decompress(&reader->codec);
  reader->source = (struct jpeg_source_mgr){
      .next_input_byte = bytes,
      .bytes_in_buffer = count,
      .init_source = do_nothing,
      .fill_input_buffer = refuse_more,
      .skip_input_data = skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = do_nothing,
  };
  reader->codec.src = &reader->source;
  reader->progress.progress_monitor = limit_scans;
  reader->codec.progress = &reader->progress;
  return reader;
}

void keras_jpeg_reader_free(keras_jpeg_reader *reader) {
  if (!reader) return;
  jpeg_destroy_decompress(&reader->codec);
  free(reader);
}

const char *keras_jpeg_reader_message(const keras_jpeg_reader *reader) { return reader->errors.message; }

keras_jpeg_status keras_jpeg_read_header(keras_jpeg_reader *reader) {
  if (setjmp(reader->errors.escape)) return KERAS_JPEG_FAILED;
  return jpeg_read_header(&reader->codec, TRUE) == JPEG_SUSPENDED ? KERAS_JPEG_TRUNCATED : KERAS_JPEG_OK;
}

uint32_t keras_jpeg_width(const keras_jpeg_reader *reader) { return reader->codec.image_width; }
uint32_t keras_jpeg_height(const keras_jpeg_reader *reader) { return reader->codec.image_height; }
int keras_jpeg_components(const keras_jpeg_reader *reader) { return reader->codec.num_components; }

keras_jpeg_status keras_jpeg_start(keras_jpeg_reader *reader, int fast) {
  if (setjmp(reader->errors.escape)) return KERAS_JPEG_FAILED;
  switch (reader->codec.num_components) {
  case 1: reader->codec.out_color_space = JCS_GRAYSCALE; break;
  case 3: reader->codec.out_color_space = JCS_RGB; break;
  default: reader->codec.out_color_space = JCS_CMYK; break;
  }
  reader->codec.dct_method = fast ? JDCT_IFAST : JDCT_ISLOW;
  return jpeg_start_decompress(&reader->codec) ? KERAS_JPEG_OK : KERAS_JPEG_TRUNCATED;
}

keras_jpeg_status keras_jpeg_read_rows(
    keras_jpeg_reader *reader, uint8_t *rows, size_t stride, uint32_t count) {
  if (setjmp(reader->errors.escape)) return KERAS_JPEG_FAILED;
  // Read from the codec, not from a local: a local would be lost in a longjmp.
  JDIMENSION first = reader->codec.output_scanline;
  while (reader->codec.output_scanline < first + count) {
    JSAMPROW row = rows + (size_t)(reader->codec.output_scanline - first) * stride;
    if (jpeg_read_scanlines(&reader->codec, &row, 1) != 1) return KERAS_JPEG_TRUNCATED;
  }
  return KERAS_JPEG_OK;
}

// MARK: - Writing

typedef struct {
  struct jpeg_compress_struct codec;
  error_manager errors;
  unsigned char *bytes;
  unsigned long count;
} writer;

keras_jpeg_status keras_jpeg_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int quality,
    uint8_t **bytes, size_t *count, char message[KERAS_JPEG_MESSAGE_LENGTH]) {
  *bytes = NULL;
  *count = 0;
  writer *state = calloc(1, sizeof *state);
  if (!state) {
    snprintf(message, KERAS_JPEG_MESSAGE_LENGTH, "no memory");
    return KERAS_JPEG_FAILED;
  }
  state->codec.err = prepare(&state->errors);
  if (setjmp(state->errors.escape)) {
    memcpy(message, state->errors.message, JMSG_LENGTH_MAX);
    // The destination has grown its buffer since it last told us where it is.
    if (state->codec.dest) state->codec.dest->term_destination(&state->codec);
    jpeg_destroy_compress(&state->codec);
    free(state->bytes);
    free(state);
    return KERAS_JPEG_FAILED;
  }
  jpeg_create_compress(&state->codec);
  jpeg_mem_dest(&state->codec, &state->bytes, &state->count);
  state->codec.image_width = width;
  state->codec.image_height = height;
  state->codec.input_components = channels;
  state->codec.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&state->codec);
  jpeg_set_quality(&state->codec, quality, TRUE);
  jpeg_start_compress(&state->codec, TRUE);
  while (state->codec.next_scanline < height) {
    JSAMPROW row = (JSAMPROW)pixels + (size_t)state->codec.next_scanline * width * channels;
    jpeg_write_scanlines(&state->codec, &row, 1);
  }
  jpeg_finish_compress(&state->codec);
  *bytes = state->bytes;
  *count = state->count;
  jpeg_destroy_compress(&state->codec);
  free(state);
  return KERAS_JPEG_OK;
}
