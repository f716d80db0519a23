import KerasCore

/// The first bytes of an HDF5 file: which format it has, how long it is, where its root group lies.
struct Superblock {
  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  let version: Int
  let rootAddress: UInt64

  init(of source: HDF5Source) throws(KerasError) {
    let bytes = source.file.bytes
    guard bytes.starts(with: Self.signature) else { throw Self.notHDF5(bytes) }
    var cursor = try source.cursor(at: 0, UInt64(min(bytes.count, 96)), "superblock")
    try cursor.skip(8)
    version = try cursor.expect(version: 0...3)
    let isClassic = version < 2
    if isClassic { try cursor.skip(4) }
    let (addressBytes, lengthBytes) = (try cursor.int(1), try cursor.int(1))
    guard addressBytes == 8, lengthBytes == 8 else {
      throw .unsupportedHDF5(
        "The file has addresses of \(addressBytes) and lengths of \(lengthBytes) bytes, not 8")
    }
    try cursor.skip(isClassic ? 1 + 4 + 4 : 1)
    if version == 1 { try cursor.skip(4) }
    guard try cursor.unsigned(8) == 0 else {
      throw .unsupportedHDF5("The file's addresses do not count from its start (a user block)")
    }
    try cursor.skip(8)
    let end = try cursor.unsigned(8)
    guard end <= UInt64(bytes.count) else {
      throw KerasError(
        .invalidFile,
        "The file is truncated: it says it has \(end) bytes, but only \(bytes.count) are there.",
        remedy: "download or copy the file again.")
    }
    // The driver's block and the root's name, which is empty.
    if isClassic { try cursor.skip(16) }
    rootAddress = try cursor.unsigned(8)
  }

  private static func notHDF5(_ bytes: UnsafeRawBufferPointer) -> KerasError {
    let known: [(prefix: [UInt8], name: String)] = [
      ([0x50, 0x4B, 3, 4], "a zip archive (a .keras file?)"), ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
      ([0x89, 0x50, 0x4E, 0x47], "a PNG picture"),
      (Array("version https://git-lfs".utf8), "a Git LFS pointer"),
      ([0x1F, 0x8B], "compressed with gzip"), (Array("<".utf8), "a web page, or XML"),
      ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "a NumPy array"), (Array("{".utf8), "JSON"),
    ]
    let isText = bytes.prefix(512).allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) }
    let guess = known.first { bytes.starts(with: $0.prefix) }?.name ?? (isText ? "text" : nil)
    if signature.starts(with: bytes.prefix(8)) {
      return .damaged("it ends after \(bytes.count) bytes")
    }
    return KerasError(
      .invalidFile,
      "This is not an HDF5 file: the signature is missing" + (guess.map { "; it looks like \($0)." } ?? "."),
      remedy: "give a weight or model file that Keras saved as .h5, or download it again.")
  }
}
