import CArchive
import Glibc
import KerasCore

/// Writes a zip file whose members are stored uncompressed, as Keras and NumPy write theirs.
///
/// ```swift
/// try writeFile(at: "model.keras") { (file) throws(KerasError) in
///   let zip = try ZipWriter { (bytes) throws(KerasError) in try file.append(bytes) }
///   try zip.add("config.json", config)
///   try zip.finish()
/// }
/// ```
final class ZipWriter {
  /// Bytes written so far; after ``begin(_:byteCount:)`` this is where the member's own bytes begin.
  private(set) var byteCount = 0
  private let library: carchive_functions
  /// When the members were made, it says.
  private let time: time_t
  private let archive: OpaquePointer
  private let append: (UnsafeRawBufferPointer) throws(KerasError) -> Void
  /// What went wrong while libarchive was calling back.
  private var failure: KerasError?

  /// - Parameter isReproducible: whether the same members give the same bytes, whenever they are written: the time is
  ///   then 1980's.
  init(
    isReproducible: Bool = false, _ append: @escaping (UnsafeRawBufferPointer) throws(KerasError) -> Void
  ) throws(KerasError) {
    library = try ArchiveLibrary.functions()
    time = isReproducible ? 315_619_200 : Glibc.time(nil)
    self.append = append
    guard let archive = library.archive_write_new() else {
      throw KerasError(.libraryFailure, "libarchive has no memory left.")
    }
    self.archive = archive
    try check(library.archive_write_set_format_zip(archive))
    try ArchiveLibrary.withUTF8 { () throws(KerasError) in
      try check(library.archive_write_set_options(archive, "zip:compression=store,zip:hdrcharset=UTF-8"))
    }
    // Every byte comes at once, so that ``byteCount`` is true.
    try check(library.archive_write_set_bytes_per_block(archive, 0))
    try check(
      library.archive_write_open(
        archive, Unmanaged.passUnretained(self).toOpaque(), nil,
        { _, writer, bytes, count in
          guard let writer else { return -1 }
          let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
          return Unmanaged<ZipWriter>.fromOpaque(writer).takeUnretainedValue().receive(bytes)
        }, nil))
  }

  deinit { _ = library.archive_write_free(archive) }

  private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    do throws(KerasError) {
      // After a failure libarchive still closes the archive, which must not reach the file any more.
      if failure == nil { try append(bytes) }
      byteCount += bytes.count
      return bytes.count
    } catch {
      failure = error
      return -1
    }
  }

  /// Begins a member; its bytes follow by ``write(_:)``.
  func begin(_ name: String, byteCount: Int) throws(KerasError) {
    guard let entry = library.archive_entry_new() else {
      throw KerasError(.libraryFailure, "libarchive has no memory left.")
    }
    defer { library.archive_entry_free(entry) }
    library.archive_entry_set_size(entry, la_int64_t(byteCount))
    library.archive_entry_set_filetype(entry, ZipWalk.regularFile)
    library.archive_entry_set_perm(entry, 0o644)
    library.archive_entry_set_mtime(entry, time, 0)
    try ArchiveLibrary.withUTF8 { () throws(KerasError) in
      library.archive_entry_set_pathname_utf8(entry, name)
      try check(library.archive_write_header(archive, entry))
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    guard !bytes.isEmpty else { return }
    let written = library.archive_write_data(archive, bytes.baseAddress, bytes.count)
    guard written == bytes.count else { throw currentFailure }
  }

  func write(_ bytes: [UInt8]) throws(KerasError) {
    var failure: KerasError?
    bytes.withUnsafeBytes { bytes in
      do throws(KerasError) { try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  func add(_ name: String, _ bytes: [UInt8]) throws(KerasError) {
    try begin(name, byteCount: bytes.count)
    try write(bytes)
  }

  /// Writes the directory.
  func finish() throws(KerasError) {
    try ArchiveLibrary.withUTF8 { () throws(KerasError) in try check(library.archive_write_close(archive)) }
  }

  private func check(_ status: Int32) throws(KerasError) {
    guard status == ARCHIVE_OK else { throw currentFailure }
  }

  private var currentFailure: KerasError {
    if let failure { return failure }
    let reason = library.archive_error_string(archive).map { String(cString: $0).escaped }
    return KerasError(.libraryFailure, "libarchive cannot write: \(reason ?? "no reason given").")
  }
}
