import CCrypto
import Glibc
import KerasCore
import KerasWeights

extension FileHash {
  /// Hashes a file without holding more than a megabyte of it.
  ///
  /// - Throws: `fileAccess` when the file cannot be read to its end, `libraryFailure` where OpenSSL refuses the
  ///   algorithm (MD5 on systems restricted to approved ones).
  public init(_ algorithm: Algorithm, ofFile path: String) throws(KerasError) {
    self.init(algorithm, try hexadecimalDigest(algorithm, ofFile: path))
  }
}

private func hexadecimalDigest(
  _ algorithm: FileHash.Algorithm, ofFile path: String
) throws(KerasError) -> String {
  let function =
    switch algorithm {
    case .md5: EVP_md5()
    case .sha256: EVP_sha256()
    }
  guard let context = EVP_MD_CTX_new() else { throw refused(algorithm, path) }
  defer { EVP_MD_CTX_free(context) }
  guard EVP_DigestInit_ex(context, function, nil) == 1 else { throw refused(algorithm, path) }
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw cannotRead(path, errno) }
  defer { close(file) }
  posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL)
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  defer { buffer.deallocate() }
  while true {
    let count = read(file, buffer.baseAddress, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw cannotRead(path, errno) }
    if count == 0 { break }
    guard EVP_DigestUpdate(context, buffer.baseAddress, count) == 1 else { throw refused(algorithm, path) }
  }
  var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
  var digestCount: UInt32 = 0
  guard EVP_DigestFinal_ex(context, &digest, &digestCount) == 1 else { throw refused(algorithm, path) }
  let digits = Array("0123456789abcdef")
  return digest.prefix(Int(digestCount)).reduce(into: "") { text, byte in
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
}

// MARK: - Wording

private func refused(_ algorithm: FileHash.Algorithm, _ path: String) -> KerasError {
  KerasError(
    .libraryFailure, "OpenSSL does not compute \(algorithm.rawValue) hashes here.", path: [path],
    remedy: "some systems are set to refuse MD5; allow it, or check the file by other means.")
}
