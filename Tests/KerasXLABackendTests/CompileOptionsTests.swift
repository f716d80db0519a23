import Testing

@testable import KerasXLABackend

/// The bytes are what plugins were seen to take.
struct CompileOptionsTests {
  @Test func oneDevice() { #expect(CompileOptions().bytes == [0x1a, 4, 0x20, 1, 0x28, 1]) }

  @Test func fourDevicesShareTheWork() {
    #expect(CompileOptions(deviceNumbers: [0, 1, 2, 3]).bytes == [0x1a, 6, 0x20, 1, 0x28, 4, 0x30, 1])
  }

  /// Devices that are not the first are named; as on the second of two machines with 200 each.
  @Test func someOfThem() {
    #expect(
      CompileOptions(deviceNumbers: [1, 300]).bytes
        == [0x1a, 23, 0x20, 1, 0x28, 2, 0x30, 1, 0x4a, 15, 8, 1, 16, 2, 0x1a, 3, 0x0a, 1, 1]
        + [0x1a, 4, 0x0a, 2, 0xac, 2])
    #expect(
      CompileOptions(deviceNumbers: [2]).bytes
        == [0x1a, 15, 0x20, 1, 0x28, 1, 0x4a, 9, 8, 1, 16, 1, 0x1a, 3, 0x0a, 1, 2])
  }

  @Test func sameBitsEachTime() {
    let flag = Array("xla_gpu_exclude_nondeterministic_ops".utf8)
    #expect(
      CompileOptions(isDeterministic: true).bytes
        == [0x1a, 4, 0x20, 1, 0x28, 1, 0x3a, 42, 0x0a, 36] + flag + [0x12, 2, 0x10, 1])
  }

  /// Of a CPU plugin's defaults two are not right.
  @Test func processors() {
    let (level, maxima) = (
      Array("xla_backend_optimization_level".utf8), Array("xla_cpu_enable_fast_min_max".utf8)
    )
    #expect(
      CompileOptions(isForCPU: true).bytes
        == [0x1a, 4, 0x20, 1, 0x28, 1] + [0x3a, 36, 0x0a, 30] + level + [0x12, 2, 0x18, 2]
        + [0x3a, 33, 0x0a, 27] + maxima + [0x12, 2, 0x10, 0])
  }
}
