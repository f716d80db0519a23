import CPJRT
import KerasGraph

/// Compiles for a device that need not be here: whether a plugin takes what the backend writes can be seen anywhere.
public final class AheadOfTimeCompiler: @unchecked Sendable {
  private let plugin: PluginLibrary
  private let topology: UnsafeMutableRawPointer

  /// - Parameters:
  ///   - plugin: a plugin's file.
  ///   - name: the topology, `h100`; the plugin for NVIDIA's GPUs takes any.
  ///   - target: what the device is like, as XLA's message `GpuTargetConfigProto` in text.
  /// - Throws: what the plugin says.
  public init(plugin path: String, topology name: String, target: String) throws(KerasError) {
    plugin = try PluginLibrary(path: path)
    let options = NamedValues([.text("topology", "1x1x1"), .text("target_config", target)])
    var arguments: pjrt_topology_create_args = sized()
    (arguments.options, arguments.option_count) = (options.pointer, 2)
    let bytes = name.utf8.map(CChar.init(bitPattern:))
    let plugin = plugin
    let failure: KerasError? = bytes.withUnsafeBufferPointer { bytes in
      (arguments.name, arguments.name_count) = (bytes.baseAddress, bytes.count)
      do throws(KerasError) {
        try plugin.call(pjrt_topology_create, &arguments)
        return nil
      } catch { return error }
    }
    withExtendedLifetime(options) {}
    if let failure { throw failure }
    guard let topology = arguments.topology else {
      throw KerasError(.libraryFailure, "The plugin gave no topology.", path: [path])
    }
    self.topology = topology
  }

  deinit { plugin.destroy(topology, pjrt_topology_destroy) }

  /// Compiles a graph as ``XLABackend`` would, passes first.
  ///
  /// - Returns: the bytes of the text and of the program.
  public func compile(
    _ graph: Graph, precision: Precision = .float32
  ) throws(KerasError) -> (textByteCount: Int, programByteCount: Int) {
    let ready = try XLABackend.pipeline.apply(to: graph)
    let text = try ProgramText(ready, LoweringSettings(precision)).text
    let program = try Executable.compile(text, CompileOptions(), plugin) {
      (program, options) throws(KerasError) in
      var arguments: pjrt_compile_args = sized()
      arguments.topology = UnsafeRawPointer(topology)
      arguments.program = program
      (arguments.options, arguments.option_count) = (options.baseAddress, options.count)
      try plugin.call(pjrt_compile, &arguments)
      return arguments.executable
    }
    guard let program else {
      throw KerasError(.libraryFailure, "The plugin gave no program.", path: [plugin.path])
    }
    defer { plugin.destroy(program, pjrt_executable_destroy) }
    var arguments: pjrt_serialize_args = sized()
    arguments.executable = UnsafeRawPointer(program)
    try plugin.call(pjrt_executable_serialize, &arguments)
    defer { arguments.free_holder?(arguments.holder) }
    return (text.utf8.count, arguments.count)
  }
}
