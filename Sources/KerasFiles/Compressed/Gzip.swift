import CZlib
import KerasCore

/// A file that gzip has compressed.
package enum Gzip {
  /// All of its bytes; a file of several parts gives those of all.
  ///
  /// - Parameter limit: how many there may be: a small file can hold very many.
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for what is no gzip file, is damaged or cut short, or holds
  ///   more than `limit` bytes.
  package static func bytes(ofFile path: String, atMost limit: Int) throws(KerasError) -> [UInt8] {
    let file = try FileContents(path: path, prefetching: true)
    return try within(file.name.escaped) { () throws(KerasError) in try inflated(file.bytes, atMost: limit) }
  }

  private static func inflated(
    _ source: UnsafeRawBufferPointer, atMost limit: Int
  ) throws(KerasError) -> [UInt8] {
    guard source.count >= 18, source[0] == 0x1F, source[1] == 0x8B else {
      throw damaged("it is no gzip file")
    }
    var stream = z_stream()
    // 15 bits of window, and 16 for gzip's head and checksum.
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw KerasError(.libraryFailure, "zlib has no memory left.")
    }
    defer { inflateEnd(&stream) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 20)
    var place = 0
    while true {
      let given = min(source.count - place, 1 << 30)
      stream.next_in = UnsafeMutablePointer(
        mutating: source.baseAddress.map { ($0 + place).assumingMemoryBound(to: UInt8.self) })
      stream.avail_in = UInt32(given)
      let status = block.withUnsafeMutableBufferPointer { block in
        stream.next_out = block.baseAddress
        stream.avail_out = UInt32(block.count)
        return inflate(&stream, Z_NO_FLUSH)
      }
      let read = given - Int(stream.avail_in)
      let written = block.count - Int(stream.avail_out)
      place += read
      guard written <= limit - bytes.count else { throw damaged("it holds more than \(limit) bytes") }
      bytes += block[..<written]
      switch status {
      case Z_STREAM_END:
        guard place < source.count, source[place] == 0x1F else { return bytes }
        guard inflateReset(&stream) == Z_OK else { throw damaged("it cannot be read on") }
      case Z_OK where read > 0 || written > 0: continue
      case Z_BUF_ERROR, Z_OK: throw damaged("it is cut short")
      default: throw damaged("its bytes make no sense")
      }
    }
  }

  private static func damaged(_ what: String) -> KerasError {
    KerasError(
      .invalidFile, "The compressed file is damaged: \(what).", remedy: "download or copy it again.")
  }
}
