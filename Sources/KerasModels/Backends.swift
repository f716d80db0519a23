import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend

#if canImport(Glibc)
  import Glibc
#endif

/// The backends a model can run on.
public enum Backends {
  /// All of them, the default first.
  public static let all: [any Backend] = [OneDNNBackend(), OpenBLASBackend()]

  /// The backend called `name`; nil for the one `KERAS_BACKEND` names, or the default.
  ///
  /// - Throws: `unknownName`, listing the backends.
  public static func backend(named name: String?) throws(KerasError) -> any Backend {
    guard let wanted = name ?? getenv("KERAS_BACKEND").map({ String(cString: $0) }) else {
      return all[0]
    }
    guard let backend = all.first(where: { $0.name == wanted }) else {
      throw KerasError(
        .unknownName, "There is no backend called `\(wanted)`.",
        path: name == nil ? ["KERAS_BACKEND"] : [],
        remedy: "use one of " + all.map(\.name).joined(separator: ", ") + ".")
    }
    return backend
  }
}
