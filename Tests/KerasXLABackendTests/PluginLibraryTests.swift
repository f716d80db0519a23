import KerasGraph
import Testing

@testable import KerasXLABackend

/// Files that are no plugins, and plugins that do not work.
struct PluginLibraryTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test func textIsNoPlugin() throws {
    let path = try folder.write("hello", to: "xla_text.so")
    let error = thrown { _ = try PluginLibrary(path: path) }
    #expect(error?.kind == .libraryFailure)
    #expect(error?.what == "This is no PJRT plugin that can be used: \(path): file too short.")
    #expect(error?.path == [path])
    #expect(
      error?.remedy == "see `keras devices` for the plugins that are there, and how to install one.")
  }

  @Test func anotherLibraryIsNoPlugin() throws {
    let path = try folder.library("int answer(void) { return 42; }", named: "other")
    let error = thrown { _ = try PluginLibrary(path: path) }
    #expect(error?.what == "This is no PJRT plugin that can be used: it has no function GetPjrtApi.")
  }

  @Test func anotherMajorVersionIsRefused() throws {
    let path = try folder.library(
      """
      #include <stddef.h>
      static struct { size_t size; void *e; struct { size_t size; void *e; int major, minor; } v; void *f[1]; } api =
          {sizeof api, NULL, {sizeof api.v, NULL, 1, 3}, {NULL}};
      void *GetPjrtApi(void) { return &api; }
      """, named: "future")
    let error = thrown { _ = try PluginLibrary(path: path) }
    #expect(
      error?.what
        == "This is no PJRT plugin that can be used: it speaks PJRT 1.3; major version 0 is known.")
  }

  @Test func anEmptyTableIsRefused() throws {
    let path = try folder.library("void *GetPjrtApi(void) { return 0; }", named: "nothing")
    let error = thrown { _ = try PluginLibrary(path: path) }
    #expect(error?.what == "This is no PJRT plugin that can be used: it gives no table of functions.")
  }

  /// A table that ends early: what is not there is said, not called.
  @Test func missingFunctionsAreNotCalled() throws {
    let path = try folder.library(
      """
      #include <stddef.h>
      static void *fine(void *a) { return NULL; }
      static struct { size_t size; void *e; struct { size_t size; void *e; int major, minor; } v; void *f[4]; } api =
          {sizeof api, NULL, {sizeof api.v, NULL, 0, 1}, {fine, fine, fine, fine}};
      void *GetPjrtApi(void) { return &api; }
      """, named: "short")
    let library = try PluginLibrary(path: path)
    let error = thrown { _ = try Client(library) }
    #expect(error?.kind == .unsupported)
    #expect(error?.what == "The plugin does not do this: the plugin lacks function 10")
  }

  /// A plugin whose every function fails as one without a GPU does.
  @Test(arguments: [
    (
      9, "No visible GPU devices.", "The plugin sees no GPU: No visible GPU devices.",
      "check that the driver is installed (`nvidia-smi`, `rocm-smi`), or compute with --device cpu."
    ),
    (
      8, "Out of memory while trying to allocate 12884901888 bytes.",
      "The device has too little memory: Out of memory while trying to allocate 12884901888 bytes.",
      "use a smaller batch or smaller images, or let other programs on the device end."
    ),
    (13, "no\nidea", "The plugin failed: no\nidea", nil),
  ])
  func failuresAreTold(code: Int, text: String, what: String, remedy: String?) throws {
    let path = try folder.library(
      """
      #include <stddef.h>
      #include <string.h>
      typedef struct { size_t size; void *e; const void *error; const char *text; size_t count; } message;
      typedef struct { size_t size; void *e; const void *error; int code; } number;
      static void *destroy(void *a) { return NULL; }
      static void *say(void *a) { message *m = a; m->text = "\(text.replacing("\n", with: "\\n"))"; m->count = strlen(m->text); return NULL; }
      static void *tell(void *a) { ((number *)a)->code = \(code); return NULL; }
      static void *fine(void *a) { return NULL; }
      static void *fail(void *a) { return &say; }
      static struct { size_t size; void *e; struct { size_t size; void *e; int major, minor; } v; void *f[12]; } api =
          {sizeof api, NULL, {sizeof api.v, NULL, 0, 1},
           {destroy, say, tell, fine, fine, fine, fine, fine, fine, fine, fail, fine}};
      void *GetPjrtApi(void) { return &api; }
      """, named: "failing\(code)")
    let library = try PluginLibrary(path: path)
    let error = thrown { _ = try Client(library) }
    #expect(error?.what == what)
    #expect(error?.remedy == remedy)
    #expect(error?.path == [path])
  }
}
