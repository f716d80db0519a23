import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend
import KerasXLABackend

/// The backends a model can run on.
public enum Backends {
  /// Those that are always there and compute on the CPU, the default first. Devices that a plugin knows are
  /// found when they are asked for; see ``XLADevices``.
  public static let all: [any Backend] = [OneDNNBackend(), OpenBLASBackend()]

  /// The backend called `name`: one of ``all``, `xla`, or a device (`gpu`, `gpu:1`, `tpu`, `xla:cpu`); nil for the one
  /// that `KERAS_BACKEND` or `keras.json` names, or the default.
  ///
  /// Variable and file are shared with Python's Keras: the names of its backends there are passed over.
  ///
  /// - Throws: `unknownName`, listing the backends; for a device what ``XLADevices/backend(named:)`` throws.
  public static func backend(named name: String?) throws(KerasError) -> any Backend {
    if let name { return try find(name) }
    if let name = environmentName {
      return try within("KERAS_BACKEND") { () throws(KerasError) in try find(name) }
    }
    if let name = KerasConfiguration.current.backend, isKnown(name) {
      return try within("keras.json") { () throws(KerasError) in try find(name) }
    }
    return all[0]
  }

  /// The backend for `device`: `cpu`, or one of ``XLADevices``.
  ///
  /// - Parameter name: the backend, where that is chosen, too: for a GPU it is `xla`; `xla` on `cpu` is XLA's own CPU.
  /// - Throws: `invalidArgument` for a backend that does not compute there; what ``backend(named:)`` throws.
  public static func backend(named name: String?, device: String?) throws(KerasError) -> any Backend {
    guard let device else { return try backend(named: name) }
    if device == "cpu" {
      if name == "xla" { return try XLADevices.backend(named: "xla:cpu") }
      if let name { return try cpuBackend(named: name) }
      // What environment and settings say holds where it is a CPU's.
      let chosen = environmentName ?? KerasConfiguration.current.backend
      return all.first { $0.name == chosen } ?? all[0]
    }
    guard XLADevices.isName(device) else {
      throw KerasError(
        .unknownName, "There is no device called `\(device)`.",
        remedy: "use cpu, gpu, gpu:1, gpu:all, tpu or xla:cpu.")
    }
    guard name == nil || name == "xla" || name == device else {
      throw KerasError(
        .invalidArgument, "The backend \(name ?? "") computes on the CPU, not on \(device).",
        remedy: "leave the backend out; \(device) is the xla backend's.")
    }
    return try XLADevices.backend(named: device)
  }

  /// The same with several devices sharing the samples of each batch.
  ///
  /// - Parameter devices: among those of the kind that is chosen; nil for what the name says. A CPU is one device.
  /// - Throws: also `invalidArgument` for numbers that are none, and for a name that says its devices itself.
  public static func backend(
    named name: String?, device: String?, devices: DeviceSelection?
  ) throws(KerasError) -> any Backend {
    let chosen = try backend(named: name, device: device)
    guard let devices else { return chosen }
    if chosen is XLABackend { return try XLADevices.backend(named: chosen.name, devices: devices) }
    guard devices == .all || devices == [0] else {
      throw KerasError(
        .invalidArgument, "\(chosen.name) computes on one device, the CPU.",
        remedy: "name the devices that share the samples: device: \"gpu\", devices: [0, 1].")
    }
    return chosen
  }

  private static func cpuBackend(named name: String) throws(KerasError) -> any Backend {
    guard let backend = all.first(where: { $0.name == name }) else {
      guard XLADevices.isName(name) else { return try find(name) }
      throw KerasError(.invalidArgument, "\(name) is not the CPU.", remedy: "choose one of both.")
    }
    return backend
  }

  private static func find(_ name: String) throws(KerasError) -> any Backend {
    if let backend = all.first(where: { $0.name == name }) { return backend }
    if XLADevices.isName(name) { return try XLADevices.backend(named: name) }
    throw KerasError(
      .unknownName, "There is no backend called `\(name)`.",
      remedy: "use one of " + all.map(\.name).joined(separator: ", ") + ", xla, gpu.")
  }

  private static func isKnown(_ name: String) -> Bool {
    all.contains { $0.name == name } || XLADevices.isName(name)
  }

  private static let pythonNames = [
    "tensorflow", "jax", "torch", "numpy", "openvino", "theano", "cntk", "mlx",
  ]

  private static var environmentName: String? {
    processEnvironment("KERAS_BACKEND").flatMap { pythonNames.contains($0) ? nil : $0 }
  }
}
