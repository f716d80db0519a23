import CCrypto
import Glibc
import KerasCore
import KerasWeights

/// A hash of bytes that come one after the other.
package final class RunningHash {
  private let algorithm: FileHash.Algorithm
  private let context: OpaquePointer

  /// - Throws: `libraryFailure` where OpenSSL refuses the algorithm (MD5 on systems restricted to approved ones).
  package init(_ algorithm: FileHash.Algorithm) throws(KerasError) {
    let function =
      switch algorithm {
      case .md5: EVP_md5()
      case .sha256: EVP_sha256()
      }
    guard let context = EVP_MD_CTX_new() else { throw refused(algorithm) }
    guard EVP_DigestInit_ex(context, function, nil) == 1 else {
      EVP_MD_CTX_free(context)
      throw refused(algorithm)
    }
    (self.algorithm, self.context) = (algorithm, context)
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { throw refused(algorithm) }
  }

  /// Takes the bytes of a file in `range`, without holding more than a megabyte of them.
  ///
  /// - Returns: How many there were: fewer when the file ends before.
  /// - Throws: `fileAccess` when they cannot be read.
  @discardableResult
  func update(readingFrom descriptor: Int32, _ range: Range<Int>, named path: String) throws(KerasError)
    -> Int
  {
    posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_SEQUENTIAL)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var position = range.lowerBound
    while position < range.upperBound {
      let wanted = min(buffer.count, range.upperBound - position)
      let count = pread(descriptor, buffer.baseAddress, wanted, off_t(position))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw cannotRead(path, errno) }
      if count == 0 { break }
      try update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      position += count
    }
    return position - range.lowerBound
  }

  /// The hash of the bytes so far; more may follow.
  package func value() throws(KerasError) -> FileHash {
    guard let copy = EVP_MD_CTX_new() else { throw refused(algorithm) }
    defer { EVP_MD_CTX_free(copy) }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var digestCount: UInt32 = 0
    guard EVP_MD_CTX_copy_ex(copy, context) == 1, EVP_DigestFinal_ex(copy, &digest, &digestCount) == 1 else {
      throw refused(algorithm)
    }
    let digits = Array("0123456789abcdef")
    return FileHash(
      algorithm,
      digest.prefix(Int(digestCount)).reduce(into: "") { text, byte in
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
      })
  }
}

extension FileHash {
  /// Hashes a file without holding more than a megabyte of it.
  ///
  /// - Throws: `fileAccess` when the file cannot be read to its end, `libraryFailure` where OpenSSL refuses the
  ///   algorithm (MD5 on systems restricted to approved ones).
  public init(_ algorithm: Algorithm, ofFile path: String) throws(KerasError) {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw cannotRead(path, errno) }
    defer { close(file) }
    try self.init(algorithm, ofDescriptor: file, named: path)
  }

  package init(_ algorithm: Algorithm, ofDescriptor descriptor: Int32, named path: String) throws(KerasError)
  {
    let hash = try RunningHash(algorithm)
    try hash.update(readingFrom: descriptor, 0..<Int.max, named: path)
    self = try hash.value()
  }
}

// MARK: - Wording

private func refused(_ algorithm: FileHash.Algorithm) -> KerasError {
  KerasError(
    .libraryFailure, "OpenSSL does not compute \(algorithm.rawValue) hashes here.",
    remedy: "some systems are set to refuse MD5; allow it, or check the file by other means.")
}
