// A door to libarchive, which is loaded when the first zip file is opened: it brings some ten libraries with
// it that no other start has a use for.
#pragma once
#if !__has_include(<archive.h>)
#error "The headers of libarchive are missing: sudo apt-get install libarchive-dev (README.md lists all that Keras for Swift needs)"
#endif
#include <archive.h>
#include <archive_entry.h>

// The functions in use. To call another, add its name here.
#define CARCHIVE_FUNCTIONS(F)           \
  F(archive_entry_clear)                \
  F(archive_entry_filetype)             \
  F(archive_entry_free)                 \
  F(archive_entry_is_encrypted)         \
  F(archive_entry_new)                  \
  F(archive_entry_pathname_utf8)        \
  F(archive_entry_set_filetype)         \
  F(archive_entry_set_mtime)            \
  F(archive_entry_set_pathname_utf8)    \
  F(archive_entry_set_perm)             \
  F(archive_entry_set_size)             \
  F(archive_entry_size)                 \
  F(archive_entry_size_is_set)          \
  F(archive_error_string)               \
  F(archive_format_name)                \
  F(archive_read_data_block)            \
  F(archive_read_free)                  \
  F(archive_read_new)                   \
  F(archive_read_next_header)           \
  F(archive_read_open_memory)           \
  F(archive_read_set_options)           \
  F(archive_read_support_filter_gzip)   \
  F(archive_read_support_format_tar)    \
  F(archive_read_support_format_zip_seekable) \
  F(archive_write_close)                \
  F(archive_write_data)                 \
  F(archive_write_free)                 \
  F(archive_write_header)               \
  F(archive_write_new)                  \
  F(archive_write_open)                 \
  F(archive_write_set_bytes_per_block)  \
  F(archive_write_set_format_zip)       \
  F(archive_write_set_options)

typedef struct {
#define CARCHIVE_FIELD(NAME) __typeof__(&NAME) NAME;
  CARCHIVE_FUNCTIONS(CARCHIVE_FIELD)
#undef CARCHIVE_FIELD
} carchive_functions;

// Loads the library; to be called once. NULL when it is not installed.
const carchive_functions *carchive_load(void);
