import CArchive
import KerasCore

/// Some files out of a tar archive, compressed or not; nothing is ever written to the disk.
package enum TarFile {
  private static let mostMembers = 100_000

  /// The bytes of the wanted files, by the names they have in the archive.
  ///
  /// Reading ends when all were found.
  ///
  /// - Parameter limit: how many bytes one of them may have.
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for what is no archive, is damaged, lacks one of them or holds
  ///   a larger one; `libraryFailure` without libarchive.
  package static func bytes(
    of wanted: Set<String>, in path: String, atMost limit: Int
  ) throws(KerasError) -> [String: [UInt8]] {
    let file = try FileContents(path: path, prefetching: true)
    return try within(file.name.escaped) { () throws(KerasError) in
      let library = try ArchiveLibrary.functions()
      guard let archive = library.archive_read_new() else {
        throw KerasError(.libraryFailure, "libarchive has no memory left.")
      }
      defer { _ = library.archive_read_free(archive) }
      var found: [String: [UInt8]] = [:]
      try ArchiveLibrary.withUTF8 { () throws(KerasError) in
        try check(library.archive_read_support_format_tar(archive), library, archive)
        try check(library.archive_read_support_filter_gzip(archive), library, archive)
        try check(
          library.archive_read_open_memory(archive, file.bytes.baseAddress, file.bytes.count), library,
          archive)
        var entry: OpaquePointer?
        for number in 0... {
          let status = library.archive_read_next_header(archive, &entry)
          if status == ARCHIVE_EOF { break }
          try check(status, library, archive)
          guard number < mostMembers else { throw damaged("it has more than \(mostMembers) files") }
          guard let entry, let name = library.archive_entry_pathname_utf8(entry).map({ String(cString: $0) }),
            wanted.contains(name), library.archive_entry_filetype(entry) == ZipWalk.regularFile
          else { continue }
          found[name] = try within(name.escaped) { () throws(KerasError) in
            try bytes(atMost: limit, library, archive)
          }
          if found.count == wanted.count { break }
        }
      }
      if let missing = wanted.subtracting(found.keys).min() {
        throw damaged("it does not hold \(missing.escaped)")
      }
      return found
    }
  }

  private static func bytes(
    atMost limit: Int, _ library: carchive_functions, _ archive: OpaquePointer
  ) throws(KerasError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      var start: UnsafeRawPointer?
      var count = 0
      var offset: la_int64_t = 0
      let status = library.archive_read_data_block(archive, &start, &count, &offset)
      if status == ARCHIVE_EOF { return bytes }
      try check(status, library, archive)
      guard offset == bytes.count else { throw damaged("a file in it has holes") }
      guard count <= limit - bytes.count else { throw damaged("a file in it has more than \(limit) bytes") }
      bytes += UnsafeRawBufferPointer(start: start, count: count)
    }
  }

  private static func check(
    _ status: Int32, _ library: carchive_functions, _ archive: OpaquePointer
  ) throws(KerasError) {
    guard status != ARCHIVE_OK else { return }
    let reason = library.archive_error_string(archive).map { String(cString: $0).escaped }
    throw damaged(reason ?? "libarchive cannot read it")
  }

  private static func damaged(_ what: String) -> KerasError {
    KerasError(.invalidFile, "The archive is damaged: \(what).", remedy: "download or copy it again.")
  }
}
