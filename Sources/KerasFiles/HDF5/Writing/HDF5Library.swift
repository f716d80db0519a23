import CHDF5
import KerasCore
import Synchronization

/// The HDF5 library, which writes files here and never reads one.
///
/// One caller at a time: as most systems ship it, the library may not be entered by two threads.
enum HDF5Library {
  private static let lock = Mutex(())

  nonisolated(unsafe) private static let functions: UnsafePointer<chdf5_functions>? = chdf5_load()

  /// Runs `body` with the library's functions.
  ///
  /// - Throws: `libraryFailure` when the library is not installed.
  static func use<Result: Sendable>(
    _ body: (chdf5_functions) throws(KerasError) -> Result
  ) throws(KerasError) -> Result {
    try lock.withLock { (_) throws(KerasError) in
      guard let functions else {
        throw KerasError(
          .libraryFailure, "The HDF5 library, which writes .h5 and .keras files, is not installed.",
          remedy: "install it (`apt-get install libhdf5-103-1`), or save weights as .npz.")
      }
      return try body(functions.pointee)
    }
  }
}

/// A handle of the library, which the caller closes.
///
/// - Throws: `libraryFailure` when `id` says that the library failed.
func hdf5Handle(_ id: hid_t, _ action: @autoclosure () -> String) throws(KerasError) -> hid_t {
  try hdf5Check(id >= 0, action())
  return id
}

func hdf5Check(_ hasWorked: Bool, _ action: @autoclosure () -> String) throws(KerasError) {
  guard !hasWorked else { return }
  throw KerasError(.libraryFailure, "The HDF5 library could not \(action()).")
}
