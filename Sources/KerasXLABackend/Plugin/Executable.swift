import CPJRT
import KerasGraph

/// A compiled module, loaded onto devices.
final class Executable: @unchecked Sendable {
  private let client: Client
  private let pointer: UnsafeMutableRawPointer

  private init(_ pointer: UnsafeMutableRawPointer?, _ client: Client) throws(KerasError) {
    guard let pointer else {
      throw KerasError(.libraryFailure, "The plugin gave no program.", path: [client.plugin.path])
    }
    (self.pointer, self.client) = (pointer, client)
  }

  deinit { client.plugin.destroy(pointer, pjrt_loaded_executable_destroy) }

  /// Compiles StableHLO's text.
  ///
  /// - Throws: what the plugin says, which for text that it cannot read is a defect of the backend.
  convenience init(compiling text: String, _ options: CompileOptions, on client: Client) throws(KerasError) {
    let made = try Self.compile(text, options, client.plugin) { (program, options) throws(KerasError) in
      var arguments: pjrt_client_compile_args = sized()
      arguments.client = client.pointer
      arguments.program = program
      (arguments.options, arguments.option_count) = (options.baseAddress, options.count)
      try client.plugin.call(pjrt_client_compile, &arguments)
      return arguments.executable
    }
    try self.init(made, client)
  }

  /// Hands text and options to `body`, as plugins take them.
  static func compile(
    _ text: String, _ options: CompileOptions, _ plugin: PluginLibrary,
    _ body: (UnsafePointer<pjrt_program>, UnsafeBufferPointer<CChar>) throws(KerasError) ->
      UnsafeMutableRawPointer?
  ) throws(KerasError) -> UnsafeMutableRawPointer? {
    var code = text.utf8.map(CChar.init(bitPattern:))
    let options = options.bytes.map(CChar.init(bitPattern:))
    let format = "mlir".utf8.map(CChar.init(bitPattern:))
    let outcome = code.withUnsafeMutableBufferPointer { code in
      options.withUnsafeBufferPointer { options in
        format.withUnsafeBufferPointer { format in
          var program: pjrt_program = sized()
          (program.code, program.code_count) = (code.baseAddress, code.count)
          (program.format, program.format_count) = (format.baseAddress, format.count)
          return withUnsafePointer(to: &program) { program in
            Result { () throws(KerasError) in try body(program, options) }
          }
        }
      }
    }
    return try outcome.get()
  }

  /// Loads what ``serialized()`` gave for the same plugin and kind of device.
  convenience init(loading bytes: [UInt8], on client: Client) throws(KerasError) {
    var arguments: pjrt_deserialize_args = sized()
    arguments.client = client.pointer
    let failure: KerasError? = bytes.withUnsafeBytes { bytes in
      arguments.bytes = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      arguments.count = bytes.count
      do throws(KerasError) {
        try client.plugin.call(pjrt_executable_deserialize_and_load, &arguments)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
    try self.init(arguments.executable, client)
  }

  /// The program that stands behind the loaded one, while `body` looks at it.
  private func withProgram<Result>(
    _ body: (UnsafeMutableRawPointer) throws(KerasError) -> Result
  ) throws(KerasError) -> Result {
    var arguments: pjrt_get_args = sized()
    arguments.object = pointer
    try client.plugin.call(pjrt_loaded_executable_get_executable, &arguments)
    guard let program = arguments.result else {
      throw KerasError(.libraryFailure, "The plugin gave no program.", path: [client.plugin.path])
    }
    defer { client.plugin.destroy(program, pjrt_executable_destroy) }
    return try body(program)
  }

  /// The program as bytes that only the same plugin reads.
  func serialized() throws(KerasError) -> [UInt8] {
    try withProgram { (program) throws(KerasError) in
      var arguments: pjrt_serialize_args = sized()
      arguments.executable = UnsafeRawPointer(program)
      try client.plugin.call(pjrt_executable_serialize, &arguments)
      defer { arguments.free_holder?(arguments.holder) }
      return Array(UnsafeRawBufferPointer(start: arguments.bytes, count: arguments.count))
    }
  }

  /// What a run takes on a device; nil where the plugin does not say.
  func memory() -> ExecutableMemory? {
    try? withProgram { (program) throws(KerasError) in
      var arguments: pjrt_compiled_memory_args = sized()
      arguments.executable = program
      try client.plugin.call(pjrt_executable_compiled_memory, &arguments)
      return ExecutableMemory(
        argumentByteCount: Int(arguments.arguments), outputByteCount: Int(arguments.outputs),
        aliasedByteCount: Int(arguments.aliased), temporaryByteCount: Int(arguments.temporary))
    }
  }

  /// Starts a run.
  ///
  /// - Parameters:
  ///   - arguments: for each device, in the module's order; those that outputs take the place of are used up.
  ///   - outputs: the specs of the outputs on each device.
  /// - Returns: for each device the outputs, which may still be being computed.
  func start(
    _ arguments: [[DeviceBuffer]], outputs: [TensorSpec]
  ) throws(KerasError) -> [[DeviceBuffer]] {
    let deviceCount = arguments.count
    let argumentCount = arguments[0].count
    let handles = UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>.allocate(
      capacity: deviceCount * argumentCount + 1)
    let results = UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>.allocate(
      capacity: deviceCount * outputs.count + 1)
    let argumentLists = UnsafeMutableBufferPointer<UnsafePointer<UnsafeMutableRawPointer?>?>.allocate(
      capacity: deviceCount)
    let resultLists = UnsafeMutableBufferPointer<UnsafeMutablePointer<UnsafeMutableRawPointer?>?>.allocate(
      capacity: deviceCount)
    defer {
      handles.deallocate()
      results.deallocate()
      argumentLists.deallocate()
      resultLists.deallocate()
    }
    handles.initialize(repeating: nil)
    results.initialize(repeating: nil)
    for (number, list) in arguments.enumerated() {
      for (index, buffer) in list.enumerated() { handles[number * argumentCount + index] = buffer.pointer }
      argumentLists.initializeElement(
        at: number, to: UnsafePointer(handles.baseAddress.map { $0 + number * argumentCount }))
      resultLists.initializeElement(at: number, to: results.baseAddress.map { $0 + number * outputs.count })
    }
    var options: pjrt_execute_options = sized()
    let failure: KerasError? = withUnsafeMutablePointer(to: &options) { options in
      var run: pjrt_execute_args = sized()
      run.executable = pointer
      run.options = options
      run.arguments = UnsafePointer(argumentLists.baseAddress)
      (run.device_count, run.argument_count) = (deviceCount, argumentCount)
      run.outputs = UnsafePointer(resultLists.baseAddress)
      do throws(KerasError) {
        try client.plugin.call(pjrt_loaded_executable_execute, &run)
        return nil
      } catch { return error }
    }
    withExtendedLifetime(arguments) {}
    if let failure { throw failure }
    var given: [[DeviceBuffer]] = []
    for number in 0..<deviceCount {
      var buffers: [DeviceBuffer] = []
      for (index, spec) in outputs.enumerated() {
        guard let result = results[number * outputs.count + index] else {
          throw KerasError(.libraryFailure, "The plugin gave too few outputs.", path: [client.plugin.path])
        }
        buffers.append(DeviceBuffer(result, spec, client.plugin))
      }
      given.append(buffers)
    }
    return given
  }
}

/// What one run of a program takes on each device, in bytes.
struct ExecutableMemory: Sendable {
  /// Inputs, states and weights.
  let argumentByteCount: Int
  let outputByteCount: Int
  /// Outputs that take the place of arguments.
  let aliasedByteCount: Int
  let temporaryByteCount: Int
}
