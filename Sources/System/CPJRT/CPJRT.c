#include "CPJRT.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

const pjrt_api *cpjrt_open(const char *path, char *reason, size_t size) {
  // What goes wrong comes as an error; who wants to read along sets the variable.
  setenv("TF_CPP_MIN_LOG_LEVEL", "3", 0);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(reason, size, "%s", dlerror());
    return NULL;
  }
  const pjrt_api *(*get)(void) = (const pjrt_api *(*)(void))dlsym(library, "GetPjrtApi");
  if (!get) {
    snprintf(reason, size, "it has no function GetPjrtApi");
    dlclose(library);
    return NULL;
  }
  const pjrt_api *api = get();
  if (!api || api->size < offsetof(pjrt_api, functions) || api->version.major != 0) {
    if (api && api->size >= offsetof(pjrt_api, functions))
      snprintf(reason, size, "it speaks PJRT %d.%d; major version 0 is known", api->version.major, api->version.minor);
    else
      snprintf(reason, size, "it gives no table of functions");
    return NULL;
  }
  return api;
}

bool cpjrt_call(const pjrt_api *api, pjrt_slot slot, void *arguments, char *message, size_t size, int *code) {
  size_t end = offsetof(pjrt_api, functions) + sizeof(pjrt_function) * ((size_t)slot + 1);
  if (api->size < end || !api->functions[slot]) {
    snprintf(message, size, "the plugin lacks function %d", slot);
    *code = 12;
    return false;
  }
  void *error = api->functions[slot](arguments);
  // What destroys errors, and what reads them, answers nothing.
  if (!error || slot == pjrt_error_destroy || slot == pjrt_error_message) return true;
  pjrt_error_message_args text = {.size = sizeof text, .error = error};
  api->functions[pjrt_error_message](&text);
  snprintf(message, size, "%.*s", (int)text.count, text.text);
  pjrt_error_code_args number = {.size = sizeof number, .error = error};
  *code = api->functions[pjrt_error_code](&number) ? 2 : number.code;
  api->functions[pjrt_error_destroy](&(pjrt_object_args){.size = sizeof(pjrt_object_args), .object = error});
  return false;
}

typedef struct {
  const pjrt_api *api;
  void *event;
  void (*done)(void *context);
  void *context;
} waiting;

static void is_ready(void *error, void *context) {
  waiting w = *(waiting *)context;
  free(context);
  pjrt_object_args argument = {.size = sizeof argument, .object = error};
  if (error) w.api->functions[pjrt_error_destroy](&argument);
  argument.object = w.event;
  w.api->functions[pjrt_event_destroy](&argument);
  w.done(w.context);
}

bool cpjrt_when_ready(const pjrt_api *api, void *event, void (*done)(void *context), void *context) {
  waiting *w = malloc(sizeof *w);
  if (!w) return false;
  *w = (waiting){.api = api, .event = event, .done = done, .context = context};
  pjrt_on_ready_args arguments = {.size = sizeof arguments, .event = event, .callback = is_ready, .context = w};
  char message[256];
  int code;
  if (cpjrt_call(api, pjrt_event_on_ready, &arguments, message, sizeof message, &code)) return true;
  free(w);
  return false;
}
