import CArchive
import Glibc
import KerasCore

/// libarchive, which reads and writes zip files here. Each archive is used by one thread at a time.
enum ArchiveLibrary {
  nonisolated(unsafe) private static let loaded: UnsafePointer<carchive_functions>? = carchive_load()

  /// - Throws: `libraryFailure` when the library is not installed.
  static func functions() throws(KerasError) -> carchive_functions {
    guard let loaded else {
      throw KerasError(
        .libraryFailure, "libarchive, which reads and writes .keras and .npz files, is not installed.",
        remedy: "install it (`apt-get install libarchive13`), or use .h5 files.")
    }
    return loaded.pointee
  }

  /// Runs `body` with names in UTF-8: libarchive takes names to be in the thread's character set, and a program
  /// that has set none has only ASCII.
  static func withUTF8<Result>(_ body: () throws(KerasError) -> Result) throws(KerasError) -> Result {
    guard let utf8 else { return try body() }
    let previous = uselocale(utf8)
    defer { uselocale(previous) }
    return try body()
  }

  nonisolated(unsafe) private static let utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
}
