import KerasCore
import KerasFiles

/// The format of the MNIST files: big-endian lengths of the axes, then bytes. http://yann.lecun.com/exdb/mnist/
enum IDXFile {
  /// No data set of this kind has more.
  private static let largest = 1 << 30

  /// The bytes of a file that gzip has compressed.
  ///
  /// - Throws: `invalidFile` for another number of axes, and where there are not as many bytes as the lengths
  ///   say.
  static func tensor(_ path: String, rank: Int) throws(KerasError) -> Tensor {
    let bytes = try Gzip.bytes(ofFile: path, atMost: largest)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    func integer(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    let start = 4 + 4 * rank
    // 0x08 stands for unsigned bytes.
    guard bytes.count >= start, bytes[..<4].elementsEqual([0, 0, 8, UInt8(rank)]) else {
      throw KerasError(
        .invalidFile, "Expected an IDX file of bytes with \(rank) axes, found something else.", path: [name])
    }
    let shape = (0..<rank).map { integer(4 + 4 * $0) }
    guard checkedElementCount(shape) == bytes.count - start else {
      throw KerasError(
        .invalidFile, "\(bytes.count - start) bytes are not those of the shape \(Shape(shape)).",
        path: [name],
        remedy: "download the file again.")
    }
    return try Tensor(Array(bytes[start...]), shape: shape)
  }
}
