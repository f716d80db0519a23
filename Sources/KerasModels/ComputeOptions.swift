import KerasGraph
import KerasLayers

/// Where and how a model computes.
public struct ComputeOptions: Hashable, Sendable {
  /// `onednn`, `openblas` or `xla`; nil for the configured one.
  public var backend: String?
  /// `cpu`, `gpu`, `gpu:1`, `gpu:all`, `tpu`, `xla:cpu`; nil for where the backend computes.
  public var device: String?
  /// Which of the devices there share the samples of each batch: `.all`, or `[0, 2]`; nil for one. A CPU is one device.
  public var devices: DeviceSelection?
  public var precision: Precision
  public var purpose: Purpose
  /// Threads for one prediction; nil means one per core.
  public var threads: Int?
  /// Whether a GPU must give the same bits each time; CPUs always do.
  public var isDeterministic: Bool

  public init(
    backend: String? = nil, device: String? = nil, devices: DeviceSelection? = nil,
    precision: Precision = .float32, purpose: Purpose = .firstAnswer, threads: Int? = nil,
    isDeterministic: Bool = false
  ) {
    self.backend = backend
    self.device = device
    self.devices = devices
    self.precision = precision
    self.purpose = purpose
    self.threads = threads
    self.isDeterministic = isDeterministic
  }

  /// The backend that is chosen here; see ``Backends/backend(named:device:devices:)``.
  public func chosenBackend() throws(KerasError) -> any Backend {
    try Backends.backend(named: backend, device: device, devices: devices)
  }

  /// The same with the backend by its name, which says the device, too.
  package func resolved() throws(KerasError) -> ComputeOptions {
    var options = self
    options.backend = try chosenBackend().name
    (options.device, options.devices) = (nil, nil)
    return options
  }

  /// Makes a graph ready to run by the backend that is chosen here; see ``Backend/prepare(optimizing:options:)``.
  ///
  /// - Throws: `unknownName` for a backend that is not there; what the passes and the backend throw.
  package func prepare(_ graph: Graph) throws(KerasError) -> (program: any Program, graph: Graph) {
    try chosenBackend().prepare(optimizing: graph, options: program)
  }

  /// Those that a backend is told.
  package var program: ProgramOptions {
    ProgramOptions(
      precision: precision, purpose: purpose, threads: threads, isDeterministic: isDeterministic)
  }
}
