import KerasGraph
import Synchronization

/// A device that programs are compiled for: where it is, what was compiled for it, and the constants that are there.
public final class XLADevice: Sendable, CustomStringConvertible {
  let client: Client
  let device: Device
  private let constants = SharedObjects<ConstantIdentity, DeviceBuffer>()
  private let executables: ExecutableCache

  init(_ client: Client, _ device: Device, cache: ExecutableCache) {
    (self.client, self.device, executables) = (client, device, cache)
  }

  /// As `NVIDIA H100 80GB HBM3 (cuda)`.
  public var description: String { "\(device.kind) (\(client.platform))" }

  func isSame(as other: XLADevice) -> Bool { device.pointer == other.device.pointer }

  func upload(_ tensor: Tensor) throws(KerasError) -> DeviceBuffer {
    try DeviceBuffer(tensor, to: device, of: client)
  }

  /// A constant on the device, which programs share as long as one of them holds it.
  func constant(_ constant: ConstantOperation) throws(KerasError) -> DeviceBuffer {
    try constants.object(for: constant.identity) { () throws(KerasError) in try upload(constant.tensor) }
  }

  /// A compiled module, from memory or from the disk where it was compiled before.
  ///
  /// - Returns: it, and where it comes from, for people.
  func executable(
    for text: String, _ options: CompileOptions
  ) throws(KerasError) -> (executable: Executable, origin: String) {
    var options = options
    // At level 3 the LLVM in the CPU plugin of 2025 puts the padding of some shapes elsewhere, and breaks the heap.
    if client.platform == "cpu" { options.optimizationLevel = 2 }
    return try executables.executable(for: text, options, on: client, kind: device.kind)
  }
}
