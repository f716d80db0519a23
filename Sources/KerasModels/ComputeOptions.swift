import KerasGraph
import KerasLayers

/// Where and how a model computes.
public struct ComputeOptions: Hashable, Sendable {
  /// `onednn` or `openblas`; nil for the configured one.
  public var backend: String?
  public var precision: Precision
  public var purpose: Purpose
  /// Threads for one prediction; nil means one per core.
  public var threads: Int?

  public init(
    backend: String? = nil, precision: Precision = .float32, purpose: Purpose = .firstAnswer,
    threads: Int? = nil
  ) {
    self.backend = backend
    self.precision = precision
    self.purpose = purpose
    self.threads = threads
  }

  /// Makes a graph ready to run by the backend that is chosen here; see ``Backend/prepare(optimizing:options:)``.
  ///
  /// - Throws: `unknownName` for a backend that is not there; what the passes and the backend throw.
  package func prepare(_ graph: Graph) throws(KerasError) -> (program: any Program, graph: Graph) {
    try Backends.backend(named: backend).prepare(optimizing: graph, options: program)
  }

  /// Those that a backend is told.
  var program: ProgramOptions {
    ProgramOptions(precision: precision, purpose: purpose, threads: threads)
  }
}
