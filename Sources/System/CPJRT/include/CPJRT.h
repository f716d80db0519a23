// The door to PJRT plugins: libraries that compile StableHLO for a device and run it there.
//
// These are our own declarations of a published C interface (XLA's, major version 0): every struct of arguments begins
// with its own size, so that a plugin which knows more fields reads no further, and the table of functions only grows
// at its end. Tests/PJRT/layout.c compares them with the header of a plugin that brings one.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pjrt_extension {
  size_t size;
  int type;
  struct pjrt_extension *next;
} pjrt_extension;

// Answers an error or NULL.
typedef void *(*pjrt_function)(void *arguments);

typedef struct {
  size_t size;
  pjrt_extension *extensions;
  struct {
    size_t size;
    pjrt_extension *extensions;
    int major, minor;
  } version;
  pjrt_function functions[];  // by pjrt_slot
} pjrt_api;

typedef enum {
  pjrt_error_destroy = 0,
  pjrt_error_message = 1,
  pjrt_error_code = 2,
  pjrt_plugin_initialize = 3,
  pjrt_event_destroy = 5,
  pjrt_event_await = 8,
  pjrt_event_on_ready = 9,
  pjrt_client_create = 10,
  pjrt_client_destroy = 11,
  pjrt_client_platform_name = 12,
  pjrt_client_platform_version = 14,
  pjrt_client_devices = 15,
  pjrt_client_addressable_devices = 16,
  pjrt_client_compile = 20,
  pjrt_client_buffer_from_host = 22,
  pjrt_device_description_id = 23,
  pjrt_device_description_process = 24,
  pjrt_device_description_kind = 26,
  pjrt_device_get_description = 29,
  pjrt_device_memory_stats = 34,
  pjrt_executable_destroy = 40,
  pjrt_executable_serialize = 49,
  pjrt_loaded_executable_destroy = 50,
  pjrt_loaded_executable_get_executable = 51,
  pjrt_loaded_executable_execute = 55,
  pjrt_executable_deserialize_and_load = 56,
  pjrt_buffer_destroy = 58,
  pjrt_buffer_is_deleted = 68,
  pjrt_buffer_to_host = 70,
  pjrt_buffer_ready_event = 72,
  pjrt_topology_create = 82,
  pjrt_topology_destroy = 83,
  pjrt_compile = 89,
  pjrt_executable_compiled_memory = 96,
} pjrt_slot;

// Element types by their numbers.
typedef enum {
  pjrt_type_bool = 1,
  pjrt_type_int8 = 2,
  pjrt_type_int16 = 3,
  pjrt_type_int32 = 4,
  pjrt_type_int64 = 5,
  pjrt_type_uint8 = 6,
  pjrt_type_float16 = 10,
  pjrt_type_float32 = 11,
  pjrt_type_float64 = 12,
  pjrt_type_bfloat16 = 13,
} pjrt_type;

#define PJRT_HEAD \
  size_t size;    \
  pjrt_extension *extensions

// Of every function that takes one object: *_destroy, event_await, plugin_initialize (which takes none).
typedef struct {
  PJRT_HEAD;
  void *object;
} pjrt_object_args;

typedef struct {
  PJRT_HEAD;
  const void *error;
  const char *text;
  size_t count;
} pjrt_error_message_args;

typedef struct {
  PJRT_HEAD;
  const void *error;
  int code;
} pjrt_error_code_args;

// An option of a client.
typedef struct {
  PJRT_HEAD;
  const char *name;
  size_t name_count;
  int type;  // 0 string, 1 int64, 2 int64s, 3 float, 4 bool
  union {
    const char *string;
    int64_t integer;
    const int64_t *integers;
    float real;
    bool truth;
  };
  size_t count;
} pjrt_named_value;

// How several processes find each other: a store of bytes by key, which each process reaches by three functions that
// answer NULL, or the plugin's own error, which `fail` makes of a code (gRPC's) and a sentence.
typedef void *(*pjrt_fail)(int code, const char *message, size_t count);

// Waits until somebody has put the key.
typedef struct {
  PJRT_HEAD;
  const char *key;
  size_t key_count;
  int milliseconds;
  const pjrt_fail *fail;
  void *user;
  char *value;                 // out
  size_t value_count;          // out
  void (*free_value)(char *);  // out
} pjrt_get_value_args;

typedef struct {
  PJRT_HEAD;
  const char *key;
  size_t key_count;
  const pjrt_fail *fail;
  void *user;
  char *value;                 // out
  size_t value_count;          // out
  void (*free_value)(char *);  // out
} pjrt_try_get_value_args;

typedef struct {
  PJRT_HEAD;
  const char *key;
  size_t key_count;
  const char *value;
  size_t value_count;
  const pjrt_fail *fail;
  void *user;
} pjrt_put_value_args;

typedef struct {
  PJRT_HEAD;
  const pjrt_named_value *options;
  size_t option_count;
  void *(*get)(pjrt_get_value_args *);
  void *get_user;
  void *(*put)(pjrt_put_value_args *);
  void *put_user;
  void *client;  // out
  void *(*try_get)(pjrt_try_get_value_args *);
  void *try_get_user;
} pjrt_client_create_args;

typedef struct {
  PJRT_HEAD;
  void *object;
  const char *text;  // out
  size_t count;      // out
} pjrt_text_args;

typedef struct {
  PJRT_HEAD;
  void *client;
  void *const *devices;  // out
  size_t count;          // out
} pjrt_devices_args;

typedef struct {
  PJRT_HEAD;
  void *object;
  void *result;  // out
} pjrt_get_args;

typedef struct {
  PJRT_HEAD;
  void *object;
  int result;  // out
} pjrt_number_args;

typedef struct {
  PJRT_HEAD;
  char *code;
  size_t code_count;
  const char *format;
  size_t format_count;
} pjrt_program;

typedef struct {
  PJRT_HEAD;
  void *client;
  const pjrt_program *program;
  const char *options;
  size_t option_count;
  void *executable;  // out
} pjrt_client_compile_args;

// Compiles for a device that need not be here.
typedef struct {
  PJRT_HEAD;
  const void *topology;
  const pjrt_program *program;
  const char *options;
  size_t option_count;
  void *client;
  void *executable;  // out
} pjrt_compile_args;

typedef struct {
  PJRT_HEAD;
  const char *name;
  size_t name_count;
  const pjrt_named_value *options;
  size_t option_count;
  void *topology;  // out
} pjrt_topology_create_args;

typedef struct {
  PJRT_HEAD;
  void *event;
  void (*callback)(void *error, void *context);
  void *context;
} pjrt_on_ready_args;

typedef struct {
  PJRT_HEAD;
  void *client;
  const void *data;
  int type;
  const int64_t *lengths;
  size_t rank;
  const int64_t *strides;
  size_t stride_count;
  int semantics;  // 0: the data may go when the call returns; 1: when it has been transferred
  void *device, *memory, *layout;
  void *done_with_host;  // out: an event
  void *buffer;          // out
} pjrt_buffer_from_host_args;

// How elements lie in memory: by the order of the axes, the fastest first.
typedef struct {
  PJRT_HEAD;
  struct {
    PJRT_HEAD;
    const int64_t *minor_to_major;
    size_t rank;
    const int64_t *tile_lengths;
    const size_t *tile_ranks;
    size_t tile_count;
  } tiled;
  int type;  // 0 tiled
} pjrt_layout;

typedef struct {
  PJRT_HEAD;
  void *buffer;
  const pjrt_layout *layout;
  void *data;
  size_t byte_count;
  void *event;  // out
} pjrt_buffer_to_host_args;

typedef struct {
  PJRT_HEAD;
  void *buffer;
  bool is_deleted;  // out
} pjrt_is_deleted_args;

typedef struct {
  int64_t value;
  bool is_set;
} pjrt_stat;

typedef struct {
  PJRT_HEAD;
  void *device;
  int64_t bytes_in_use;
  pjrt_stat peak, allocations, largest, limit, reserved, peak_reserved, reservable, largest_free, pool, peak_pool;
} pjrt_memory_stats_args;

typedef struct {
  PJRT_HEAD;
  void **send, **receive;
  size_t send_count, receive_count;
  int launch;
  const int64_t *kept;  // arguments that may not be donated
  size_t kept_count;
  void *context;
  const char *location;
  size_t task_count;
  int *tasks;
  int64_t *incarnations;
} pjrt_execute_options;

typedef struct {
  PJRT_HEAD;
  void *executable;
  pjrt_execute_options *options;
  void *const *const *arguments;
  size_t device_count, argument_count;
  void **const *outputs;
  void **completed;  // out: an event for each device
  void *device;
} pjrt_execute_args;

typedef struct {
  PJRT_HEAD;
  const void *executable;
  const char *bytes;  // out
  size_t count;       // out
  void *holder;
  void (*free_holder)(void *);
} pjrt_serialize_args;

typedef struct {
  PJRT_HEAD;
  void *client;
  const char *bytes;
  size_t count;
  void *executable;  // out
  const char *options;
  size_t option_count;
} pjrt_deserialize_args;

typedef struct {
  PJRT_HEAD;
  void *executable;
  int64_t code, arguments, outputs, aliased, temporary, host[5], peak;  // bytes
} pjrt_compiled_memory_args;

// The table of the plugin at `path`, which stays open for good; NULL with the reason in `reason` where there is none
// of major version 0.
const pjrt_api *cpjrt_open(const char *path, char *reason, size_t size);

// Calls a function; false with what the plugin says in `message` and its code (gRPC's) in `code`. A function that the
// plugin lacks answers code 12, unimplemented.
bool cpjrt_call(const pjrt_api *api, pjrt_slot slot, void *arguments, char *message, size_t size, int *code);

// Calls `done` once, from any thread, when an event has happened, well or not, and does away with the event; false, with
// the event as it was, where the plugin cannot.
bool cpjrt_when_ready(const pjrt_api *api, void *event, void (*done)(void *context), void *context);
