import Crypto
import Glibc
import KerasCore
import KerasWeights

extension FileHash {
  /// Hashes a file without holding more than a megabyte of it.
  ///
  /// - Throws: `fileAccess` when the file cannot be read to its end.
  public init(_ algorithm: Algorithm, ofFile path: String) throws(KerasError) {
    let digest =
      switch algorithm {
      case .md5: try hexadecimalDigest(Insecure.MD5(), ofFile: path)
      case .sha256: try hexadecimalDigest(SHA256(), ofFile: path)
      }
    self.init(algorithm, digest)
  }
}

private func hexadecimalDigest<Function: HashFunction>(
  _ function: Function, ofFile path: String
) throws(KerasError) -> String {
  var function = function
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
    function.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }
  let digits = Array("0123456789abcdef")
  return function.finalize().reduce(into: "") { text, byte in
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
}
