import CArchive
import KerasCore

/// How libarchive reads a zip file that is in memory: from the directory's first entry to its last.
enum ZipWalk {
  struct Entry {
    /// Nil when it is not UTF-8.
    var name: String?
    var byteCount: Int?
    var type: UInt32
    var isEncrypted: Bool
    /// Where its first block lies in the file, when it is stored there as it is.
    var stored: Range<Int>?
  }

  /// Values of ``Entry/type``, as the system's `st_mode` has them.
  static let regularFile: UInt32 = 0o100000
  static let folder: UInt32 = 0o040000

  /// Gives the next block of an entry and where it belongs; nil at the end.
  typealias BlockReader = () throws(KerasError) -> (UnsafeRawBufferPointer, Int)?

  /// Calls `body` with every entry and its position.
  static func list(
    _ file: FileContents, _ body: (Entry, Int) throws(KerasError) -> Void
  ) throws(KerasError) {
    try open(file, checksIntegrity: false) { (library, archive) throws(KerasError) in
      var position = 0
      while let entry = try nextEntry(library, archive) {
        var found = Entry(
          name: library.archive_entry_pathname_utf8(entry).flatMap { String(validatingCString: $0) },
          byteCount: library.archive_entry_size_is_set(entry) == 0
            ? nil : Int(exactly: library.archive_entry_size(entry)),
          type: library.archive_entry_filetype(entry),
          isEncrypted: library.archive_entry_is_encrypted(entry) != 0)
        if !found.isEncrypted, isUncompressed(library, archive) {
          found.stored = try nextBlock(library, archive).flatMap { range(of: $0.0, in: file) }
        }
        try body(found, position)
        position += 1
      }
    }
  }

  /// Calls `body` with each of the entries at `positions`; every block is checked against its checksum.
  static func read(
    _ file: FileContents, _ positions: some Collection<Int>,
    _ body: (Int, BlockReader) throws(KerasError) -> Void
  ) throws(KerasError) {
    let wanted = Set(positions)
    guard let last = wanted.max() else { return }
    try open(file, checksIntegrity: true) { (library, archive) throws(KerasError) in
      for position in 0...last {
        guard try nextEntry(library, archive) != nil else { return }
        if wanted.contains(position) {
          try body(position) { () throws(KerasError) in try nextBlock(library, archive) }
        }
      }
    }
  }

  /// The name that libarchive gives the format changes with the entry.
  private static func isUncompressed(_ library: carchive_functions, _ archive: OpaquePointer) -> Bool {
    library.archive_format_name(archive).map { String(cString: $0).contains("uncompressed") } ?? false
  }

  private static func nextBlock(
    _ library: carchive_functions, _ archive: OpaquePointer
  ) throws(KerasError) -> (UnsafeRawBufferPointer, Int)? {
    var start: UnsafeRawPointer?
    var count = 0
    var offset: la_int64_t = 0
    let status = library.archive_read_data_block(archive, &start, &count, &offset)
    if status == ARCHIVE_EOF { return nil }
    try check(status, library, archive)
    return (UnsafeRawBufferPointer(start: start, count: count), Int(offset))
  }

  /// Where a block lies in the file; nil when libarchive copied it. Uncompressed entries come as they are.
  private static func range(of block: UnsafeRawBufferPointer, in file: FileContents) -> Range<Int>? {
    guard let start = file.bytes.baseAddress, let here = block.baseAddress, here >= start,
      here + block.count <= start + file.bytes.count
    else { return nil }
    return here - start..<here - start + block.count
  }

  private static func open(
    _ file: FileContents, checksIntegrity: Bool,
    _ body: (carchive_functions, OpaquePointer) throws(KerasError) -> Void
  ) throws(KerasError) {
    let library = try ArchiveLibrary.functions()
    guard let archive = library.archive_read_new() else { throw outOfMemory }
    defer { _ = library.archive_read_free(archive) }
    try check(library.archive_read_support_format_zip_seekable(archive), library, archive)
    try ArchiveLibrary.withUTF8 { () throws(KerasError) in
      let options = "zip:hdrcharset=UTF-8" + (checksIntegrity ? "" : ",zip:ignorecrc32")
      try check(library.archive_read_set_options(archive, options), library, archive)
      let (start, count) = (file.bytes.baseAddress, file.bytes.count)
      try check(library.archive_read_open_memory(archive, start, count), library, archive)
      try body(library, archive)
    }
  }

  private static func nextEntry(
    _ library: carchive_functions, _ archive: OpaquePointer
  ) throws(KerasError) -> OpaquePointer? {
    var entry: OpaquePointer?
    let status = library.archive_read_next_header(archive, &entry)
    if status == ARCHIVE_EOF { return nil }
    try check(status, library, archive)
    return entry
  }

  /// A warning of the library is an error here: nothing in a good file deserves one.
  private static func check(
    _ status: Int32, _ library: carchive_functions, _ archive: OpaquePointer
  ) throws(KerasError) {
    guard status != ARCHIVE_OK else { return }
    let reason = library.archive_error_string(archive).map { String(cString: $0).escaped }
    throw ZipFile.damaged(reason ?? "libarchive cannot read it")
  }

  private static let outOfMemory = KerasError(.libraryFailure, "libarchive has no memory left.")
}
