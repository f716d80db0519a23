import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend

/// The backends a model can run on.
public enum Backends {
  /// All of them, the default first.
  public static let all: [any Backend] = [OneDNNBackend(), OpenBLASBackend()]

  /// The backend called `name`; nil for the one that `KERAS_BACKEND` or `keras.json` names, or the default.
  ///
  /// Variable and file are shared with Python's Keras: the names of its backends there are passed over.
  ///
  /// - Throws: `unknownName`, listing the backends.
  public static func backend(named name: String?) throws(KerasError) -> any Backend {
    guard let wanted = name ?? environmentName else { return configured ?? all[0] }
    guard let backend = all.first(where: { $0.name == wanted }) else {
      throw KerasError(
        .unknownName, "There is no backend called `\(wanted)`.",
        path: name == nil ? ["KERAS_BACKEND"] : [],
        remedy: "use one of " + all.map(\.name).joined(separator: ", ") + ".")
    }
    return backend
  }

  private static let pythonNames = [
    "tensorflow", "jax", "torch", "numpy", "openvino", "theano", "cntk", "mlx",
  ]

  private static var environmentName: String? {
    processEnvironment("KERAS_BACKEND").flatMap { pythonNames.contains($0) ? nil : $0 }
  }

  private static let configured: (any Backend)? = {
    let name = KerasConfiguration.current.backend
    return all.first { $0.name == name }
  }()
}
