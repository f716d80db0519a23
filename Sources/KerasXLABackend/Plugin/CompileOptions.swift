/// How a module is compiled, as XLA's message `CompileOptionsProto` in protocol-buffer bytes.
struct CompileOptions: Hashable, Sendable {
  /// The devices that share the work by the sharding that the module's arguments say, as the plugin numbers them: a
  /// program is compiled for its devices.
  var deviceNumbers = [0]
  /// Whether only kernels may be chosen that give the same bits at each run.
  var isDeterministic = false
  /// Whether it is for a CPU, whose defaults are not right. At level 3 the LLVM of 2025 puts the padding of some shapes
  /// elsewhere, and breaks the heap; maxima and minima lose NaN.
  var isForCPU = false

  /// The fields: `executable_build_options` (3) with `num_replicas` (4), `num_partitions` (5) and
  /// `use_spmd_partitioning` (6); `env_option_overrides` (7), each a truth value (2) or an integer (3).
  var bytes: [UInt8] {
    var build = Message()
    build.add(4, 1)
    build.add(5, UInt64(deviceNumbers.count))
    if deviceNumbers.count > 1 { build.add(6, 1) }
    if deviceNumbers != Array(deviceNumbers.indices) {
      // `device_assignment` (9): one replica (1) of so many computations (2), each (3) on a device (in it 1).
      var assignment = Message()
      assignment.add(1, 1)
      assignment.add(2, UInt64(deviceNumbers.count))
      for number in deviceNumbers {
        var devices = Message()
        devices.add(1, contents: Message.varint(UInt64(max(number, 0))))
        assignment.add(3, devices)
      }
      build.add(9, assignment)
    }
    var options = Message()
    options.add(3, build)
    func override(_ flag: String, _ field: UInt64, _ number: UInt64) {
      var value = Message()
      value.add(field, number)
      var entry = Message()
      entry.add(1, flag)
      entry.add(2, value)
      options.add(7, entry)
    }
    if isDeterministic { override("xla_gpu_exclude_nondeterministic_ops", 2, 1) }
    if isForCPU {
      override("xla_backend_optimization_level", 3, 2)
      override("xla_cpu_enable_fast_min_max", 2, 0)
    }
    return options.bytes
  }

  /// A few fields of a protocol-buffer message: these forty bytes need no library.
  private struct Message {
    var bytes: [UInt8] = []

    static func varint(_ number: UInt64) -> [UInt8] {
      var bytes: [UInt8] = []
      var rest = number
      while rest > 127 {
        bytes.append(UInt8(rest & 127) | 128)
        rest >>= 7
      }
      return bytes + [UInt8(rest)]
    }

    private mutating func addVarint(_ number: UInt64) { bytes += Self.varint(number) }

    mutating func add(_ field: UInt64, _ number: UInt64) {
      addVarint(field << 3)
      addVarint(number)
    }

    mutating func add(_ field: UInt64, contents: [UInt8]) {
      addVarint(field << 3 | 2)
      addVarint(UInt64(contents.count))
      bytes += contents
    }

    mutating func add(_ field: UInt64, _ message: Message) { add(field, contents: message.bytes) }
    mutating func add(_ field: UInt64, _ text: String) { add(field, contents: Array(text.utf8)) }
  }
}
