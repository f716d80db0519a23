import CPJRT
import KerasGraph

/// A PJRT plugin: a library that knows one kind of device. Once opened it stays open.
final class PluginLibrary: @unchecked Sendable {
  let path: String
  /// What the plugin gave for good; its functions may be called from any thread.
  private let api: UnsafePointer<pjrt_api>
  /// `0.81`.
  var version: String { "\(api.pointee.version.major).\(api.pointee.version.minor)" }

  /// - Throws: `libraryFailure` for a file that is no plugin, or one of another major version.
  init(path: String) throws(KerasError) {
    var reason = [CChar](repeating: 0, count: 1024)
    guard let api = cpjrt_open(path, &reason, reason.count) else {
      throw KerasError(
        .libraryFailure, "This is no PJRT plugin that can be used: \(Self.text(reason)).", path: [path],
        remedy: "see `keras devices` for the plugins that are there, and how to install one.")
    }
    (self.path, self.api) = (path, api)
    var arguments: pjrt_object_args = sized()
    try call(pjrt_plugin_initialize, &arguments)
  }

  /// Calls a function of the plugin.
  ///
  /// - Throws: `unsupported` for too little memory or what the plugin does not do, else `libraryFailure`.
  func call<Arguments>(_ function: pjrt_slot, _ arguments: inout Arguments) throws(KerasError) {
    var message = [CChar](repeating: 0, count: 8192)
    var code: Int32 = 0
    let isFine = withUnsafeMutablePointer(to: &arguments) {
      cpjrt_call(api, function, $0, &message, message.count, &code)
    }
    guard isFine else { throw PluginFailure(code: Int(code), text: Self.text(message)).error(in: path) }
  }

  /// Waits for an event, and does away with it.
  func await(_ event: UnsafeMutableRawPointer?) throws(KerasError) {
    guard let event else { return }
    var arguments: pjrt_object_args = sized()
    arguments.object = event
    defer { destroy(event, pjrt_event_destroy) }
    try call(pjrt_event_await, &arguments)
  }

  /// Keeps `object` until an event has happened, and does away with the event; waits where the plugin calls nobody.
  func keep(_ object: AnyObject, until event: UnsafeMutableRawPointer?) throws(KerasError) {
    guard let event else { return }
    let kept = Unmanaged.passRetained(object)
    let isWatched = cpjrt_when_ready(
      api, event, { context in context.map { Unmanaged<AnyObject>.fromOpaque($0).release() } },
      kept.toOpaque())
    if isWatched { return }
    defer { kept.release() }
    try self.await(event)
  }

  /// Gives an object back. What the plugin may say against it helps nobody.
  func destroy(_ object: UnsafeMutableRawPointer, _ function: pjrt_slot) {
    var arguments: pjrt_object_args = sized()
    arguments.object = object
    try? call(function, &arguments)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// What a plugin says went wrong.
struct PluginFailure {
  /// gRPC's: 8 is exhausted, 12 not implemented, …
  let code: Int
  let text: String

  func error(in path: String) -> KerasError {
    // The first lines say it; what follows are notes for who makes plugins.
    let lines = text.split(separator: "\n").prefix(4).joined(separator: "\n")
    let short = lines.count > 600 ? lines.prefix(600) + " …" : lines
    switch code {
    case 8:
      return KerasError(
        .unsupported, "The device has too little memory: \(short)", path: [path],
        remedy: "use a smaller batch or smaller images, or let other programs on the device end.")
    case 9 where text.contains("o visible GPU"):
      return KerasError(
        .unsupported, "The plugin sees no GPU: \(short)", path: [path],
        remedy: "check that the driver is installed (`nvidia-smi`, `rocm-smi`), or compute with --device cpu."
      )
    case 12: return KerasError(.unsupported, "The plugin does not do this: \(short)", path: [path])
    default: return KerasError(.libraryFailure, "The plugin failed: \(short)", path: [path])
    }
  }
}

// MARK: - Arguments

/// A struct of arguments, which begins with its own size.
protocol PluginArguments {
  init()
  var size: Int { get set }
}

extension pjrt_object_args: PluginArguments {}
extension pjrt_client_create_args: PluginArguments {}
extension pjrt_named_value: PluginArguments {}
extension pjrt_text_args: PluginArguments {}
extension pjrt_devices_args: PluginArguments {}
extension pjrt_get_args: PluginArguments {}
extension pjrt_number_args: PluginArguments {}
extension pjrt_program: PluginArguments {}
extension pjrt_client_compile_args: PluginArguments {}
extension pjrt_compile_args: PluginArguments {}
extension pjrt_topology_create_args: PluginArguments {}
extension pjrt_buffer_from_host_args: PluginArguments {}
extension pjrt_buffer_to_host_args: PluginArguments {}
extension pjrt_layout: PluginArguments {}
extension pjrt_is_deleted_args: PluginArguments {}
extension pjrt_memory_stats_args: PluginArguments {}
extension pjrt_execute_options: PluginArguments {}
extension pjrt_execute_args: PluginArguments {}
extension pjrt_serialize_args: PluginArguments {}
extension pjrt_deserialize_args: PluginArguments {}
extension pjrt_compiled_memory_args: PluginArguments {}

/// Arguments of which only the size is set.
func sized<Arguments: PluginArguments>() -> Arguments {
  var arguments = Arguments()
  arguments.size = MemoryLayout<Arguments>.size
  return arguments
}
