import Glibc
import KerasCore

/// The bytes of an image file, read at once: a mapping would die with the process when another program
/// shortens the file meanwhile.
enum FileBytes {
  /// Enough to tell a picture from anything else.
  static let signatureLength = 32

  /// A file (or a pipe that never ends) is not read beyond this: 2 GiB.
  static let maximumByteCount = 1 << 31

  /// Reads `path`, after `accept` has judged its first bytes, so that a disk image or an endless device
  /// named .jpg is refused before its contents are read.
  static func read(
    _ path: String, accept: (ArraySlice<UInt8>) throws(KerasError) -> Void
  ) throws(KerasError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw openFailure(errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw readFailure(errno) }
    if status.st_mode & S_IFMT == S_IFDIR { throw isFolder }

    var bytes = [UInt8](repeating: 0, count: signatureLength)
    var count = try fill(&bytes, from: 0, file)
    if count == 0 { throw isEmpty }
    try accept(bytes[..<count])
    // One byte more than the file should have, so that the first pass already meets the end.
    var capacity = max(Int(clamping: status.st_size) + 1, 2 * signatureLength)
    while count == bytes.count {
      guard count < maximumByteCount else { throw isHuge }
      bytes.append(contentsOf: repeatElement(0, count: min(capacity, maximumByteCount) - count))
      count = try fill(&bytes, from: count, file)
      capacity = 2 * count
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// Reads until `bytes` is full or the file ends; returns how far it is filled.
  private static func fill(_ bytes: inout [UInt8], from start: Int, _ file: Int32) throws(KerasError) -> Int {
    let added = bytes.withUnsafeMutableBytes {
      readAll(file, into: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
    }
    guard added >= 0 else { throw readFailure(errno) }
    return start + added
  }

  // MARK: - Messages

  static func openFailure(_ code: Int32) -> KerasError {
    code == ENOENT || code == ENOTDIR
      ? KerasError(.fileNotFound, "There is no such file.", remedy: "check the spelling of the path.")
      : KerasError(.fileAccess, "The file cannot be opened: \(reason(code)).")
  }

  static func readFailure(_ code: Int32) -> KerasError {
    KerasError(.fileAccess, "The file cannot be read: \(reason(code)).")
  }

  static let isFolder = KerasError(
    .fileAccess, "This is a folder, not an image file.", remedy: "name a file inside it.")

  static let isEmpty = KerasError(
    .invalidFile, "The file is empty (0 bytes).", remedy: "copy or download it again.")

  static let isHuge = KerasError(.invalidFile, "The file is larger than 2 GiB, too large for an image.")

  static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
