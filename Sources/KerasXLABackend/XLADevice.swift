import KerasGraph
import Synchronization

/// A device that programs are compiled for, or several of one kind that share the samples of a batch, on this machine or
/// on several: where it is, what was compiled for it, and the constants that are there.
public final class XLADevice: Sendable, CustomStringConvertible {
  let client: Client
  /// Those of this process.
  let devices: [Device]
  /// As the plugin numbers them, all that share a batch, those of other nodes among them.
  let sharing: [Int]
  /// Which share is that of the first device here.
  private let firstShare: Int
  private let constants = SharedObjects<DeviceConstant.Identity, PlacedConstant>()
  private let executables: ExecutableCache

  /// - Parameter sharing: all devices that share a batch, this process' one behind the other; nil for those here.
  init(_ client: Client, _ devices: [Device], sharing: [Int]? = nil, cache: ExecutableCache) {
    (self.client, self.devices, executables) = (client, devices, cache)
    self.sharing = sharing ?? devices.map(\.number)
    firstShare = self.sharing.firstIndex(of: devices[0].number) ?? 0
  }

  /// As `NVIDIA H100 80GB HBM3 (cuda)`.
  public var description: String {
    (count == 1 ? "" : "\(count) × ") + "\(devices[0].kind) (\(client.platform))"
  }

  /// How many devices share a batch.
  public var count: Int { sharing.count }

  /// This process among those that compute together here; nil where it computes alone.
  var member: NodeMember? { count > devices.count ? client.member : nil }

  func isSame(as other: XLADevice) -> Bool {
    devices.map(\.pointer) == other.devices.map(\.pointer) && sharing == other.sharing
  }

  /// Copies a tensor to every device here.
  ///
  /// - Parameter isSplit: each device gets its share of the rows, of which there must be as many for each.
  func upload(_ tensor: Tensor, isSplit: Bool = false) throws(KerasError) -> PlacedTensor {
    var parts: [DeviceBuffer] = []
    for (number, device) in devices.enumerated() {
      var part = tensor
      if isSplit {
        let share = tensor.shape[0] / count
        part = try tensor.rows((firstShare + number) * share..<(firstShare + number + 1) * share)
      }
      parts.append(try DeviceBuffer(part, to: device, of: client))
    }
    return PlacedTensor(parts: parts)
  }

  /// A constant on the device, which programs share as long as one of them holds it.
  func constant(_ constant: DeviceConstant) throws(KerasError) -> PlacedConstant {
    try constants.object(for: constant.identity) { () throws(KerasError) in
      PlacedConstant(try upload(constant.tensor()))
    }
  }

  /// A compiled module, from memory or from the disk where it was compiled before.
  ///
  /// - Returns: it, and where it comes from, for people.
  func executable(
    for text: String, _ options: CompileOptions
  ) throws(KerasError) -> (executable: Executable, origin: String) {
    var options = options
    options.isForCPU = client.platform == "cpu"
    return try executables.executable(for: text, options, on: client, kind: devices[0].kind)
  }
}

/// Numbers on a device that several programs read.
final class PlacedConstant: Sendable {
  let tensor: PlacedTensor
  init(_ tensor: PlacedTensor) { self.tensor = tensor }
}
