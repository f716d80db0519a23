import Glibc
import KerasCore

/// The bytes of a whole file, mapped for reading, or of a part of one; tensors that are views of them keep
/// them alive.
///
/// The mapping shows the file as it is on the disk. A file that is replaced by renaming another over it stays
/// intact here, because the old contents live on until the mapping ends: this is how the weight store and this
/// package's own writers work. A file that someone *rewrites in place* while it is mapped changes the numbers
/// already handed out, and one that is *cut short* ends the process with SIGBUS when a lost page is touched.
/// No check can prevent either; copy a file first when others may write into it.
package final class FileContents: @unchecked Sendable {
  // Sendable by rule: the bytes are never written once they are here.
  package let bytes: UnsafeRawBufferPointer
  /// The last component of the path, as errors name the file.
  package let name: String
  private let storage: Storage

  private enum Storage {
    case mapping
    case allocation
    case part(of: FileContents)
  }

  /// Maps the file at `path`.
  ///
  /// - Parameter prefetching: whether the system should start reading all of the file from the disk at once,
  ///   which is worth it for whoever will read most of it: page by page takes a disk two to three times as long.
  /// - Throws: `fileNotFound`; `fileAccess` for a folder, a device, a pipe or missing permission;
  ///   `invalidFile` when the file is empty.
  package init(path: String, prefetching: Bool = false) throws(KerasError) {
    name = path.split(separator: "/").last.map(String.init) ?? path
    // Without O_NONBLOCK opening a pipe would wait for somebody to write into it.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.cannotOpen(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.cannotOpen(path, errno) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw KerasError(.fileAccess, "Expected a file, found a folder: \(path.escaped).")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw KerasError(.fileAccess, "Expected a file, found a device or a pipe: \(path.escaped).")
    }
    guard status.st_size > 0 else {
      throw KerasError(
        .invalidFile, "The file is empty.", path: [name.escaped], remedy: "download or copy it again.")
    }
    let count = Int(status.st_size)
    if prefetching { posix_fadvise(descriptor, 0, 0, POSIX_FADV_WILLNEED) }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw Self.cannotOpen(path, errno)
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
    storage = .mapping
  }

  /// A part of another file, such as a member of an archive that is stored as it is.
  package init(_ name: String, _ range: Range<Int>, of whole: FileContents) {
    self.name = name
    bytes = UnsafeRawBufferPointer(rebasing: whole.bytes[range])
    storage = .part(of: whole)
  }

  /// Bytes of no file of their own, such as a member of an archive that was compressed.
  package init(_ name: String, copying source: [UInt8]) {
    self.name = name
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 64)
    copy.copyBytes(from: source)
    bytes = UnsafeRawBufferPointer(copy)
    storage = .allocation
  }

  deinit {
    switch storage {
    case .mapping: munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    case .allocation: bytes.deallocate()
    case .part: break
    }
  }

  private static func cannotOpen(_ path: String, _ code: Int32) -> KerasError {
    if code == ENOENT || code == ENOTDIR {
      return KerasError(.fileNotFound, "There is no file \(path.escaped).", remedy: "check the path.")
    }
    return KerasError(.fileAccess, "Cannot open \(path.escaped): \(String(cString: strerror(code))).")
  }
}
