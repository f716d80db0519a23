import KerasCore

/// NumPy's files: `.npy`, one array, and `.npz`, a zip file of arrays with names.
///
/// Read are numbers and Booleans in both byte orders and both orders of axes; unsigned integers of 16 and 32
/// bits become signed ones of twice the size. Python objects are refused: reading them would execute code.
///
/// ```swift
/// let digits = try NumPy.loadArchive("mnist.npz")
/// print(digits["x_train"]?.shape ?? [])
/// try NumPy.save(probabilities, to: "probabilities.npy")
/// ```
public enum NumPy {
  /// The array in the `.npy` file at `path`; where its form allows, a view of the mapped file, which must not be
  /// rewritten in place meanwhile.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for what is damaged or something else;
  ///   `unsupported` for elements that are not numbers.
  public static func load(_ path: String) throws(KerasError) -> Tensor {
    try tensor(in: FileContents(path: path, prefetching: true))
  }

  /// The arrays in the `.npz` file at `path`, by name.
  ///
  /// - Throws: as ``load(_:)``; also `invalidFile` for hostile archives, and `libraryFailure` without
  ///   libarchive.
  public static func loadArchive(_ path: String) throws(KerasError) -> [String: Tensor] {
    let arrays = try self.arrays(in: ZipFile(FileContents(path: path, prefetching: true)))
    var tensors: [String: Tensor] = [:]
    for (name, file) in arrays { tensors[name] = try tensor(in: file) }
    return tensors
  }

  /// Writes `tensor` as `.npy`, beside `path`, and renames it. A bfloat16 array is stored as pairs of bytes
  /// (`V2`), because NumPy has no such type.
  ///
  /// - Throws: `fileAccess`.
  public static func save(_ tensor: Tensor, to path: String) throws(KerasError) {
    try writeFile(at: path) { (file) throws(KerasError) in
      try file.append(NumPyHeader(tensor).text)
      try tensor.withUnsafeBytes { (bytes) throws(KerasError) in try file.append(bytes) }
    }
  }

  /// Writes `tensors` as `.npz`, uncompressed and sorted by name, beside `path`, and renames it.
  ///
  /// - Throws: `invalidArgument` for a name that leads out of the archive; `fileAccess`; `libraryFailure`.
  public static func saveArchive(_ tensors: [String: Tensor], to path: String) throws(KerasError) {
    for name in tensors.keys where !ZipFile.isProper(name) {
      throw KerasError(.invalidArgument, "An array in an archive cannot be called \(name.escaped).")
    }
    try writeFile(at: path) { (file) throws(KerasError) in
      let zip = try ZipWriter { (bytes) throws(KerasError) in try file.append(bytes) }
      for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
        let head = NumPyHeader(tensor).text
        try zip.begin(name + ".npy", byteCount: head.count + tensor.byteCount)
        try zip.write(head)
        try tensor.withUnsafeBytes { (bytes) throws(KerasError) in try zip.write(bytes) }
      }
      try zip.finish()
    }
  }
}

// MARK: - Reading

extension NumPy {
  /// The members of an archive that are arrays, in order, without `.npy` in their names.
  static func arrays(in zip: ZipFile) throws(KerasError) -> [(name: String, file: FileContents)] {
    let members = zip.members.filter { $0.name.hasSuffix(".npy") }
    guard members.count == zip.members.count else {
      throw KerasError(
        .invalidFile, "This is not an archive of NumPy arrays: it holds something else.",
        path: [zip.file.name.escaped])
    }
    return Array(Swift.zip(members.map { String($0.name.dropLast(4)) }, try zip.contents(of: members)))
  }

  static func header(of file: FileContents) throws(KerasError) -> NumPyHeader {
    try within(file.name.escaped) { () throws(KerasError) in
      let header = try NumPyHeader(of: file.bytes)
      guard let count = checkedElementCount(header.shape),
        case let (byteCount, overflow) = count.multipliedReportingOverflow(by: header.number.byteCount),
        !overflow,
        byteCount <= file.bytes.count - header.byteCount
      else {
        throw NumPyHeader.damaged(
          "an array of shape \(Shape(header.shape)) and type \(header.number.rawValue) does not fit into it")
      }
      return header
    }
  }

  static func tensor(in file: FileContents) throws(KerasError) -> Tensor {
    let header = try header(of: file)
    let number = header.number
    let byteCount = elementCountOf(header.shape) * number.byteCount
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[header.byteCount..<header.byteCount + byteCount])
    if let dataType = viewType(header), byteCount > 0,
      UInt(bitPattern: bytes.baseAddress) % UInt(number.byteCount) == 0
    {
      return Tensor(viewing: bytes, shape: header.shape, dataType, owner: file)
    }
    let shape = header.isFortranOrdered ? header.shape.reversed() : header.shape
    guard let stored = numbers(bytes, number, bigEndian: header.isBigEndian, shape: shape) else {
      throw KerasError(
        .unsupported, "Expected numbers that a tensor holds, found uint64.", path: [file.name.escaped])
    }
    return withExtendedLifetime(file) { header.isFortranOrdered ? stored.withAxesReversed() : stored }
  }

  /// The element type, when the stored bytes are already a tensor's.
  static func viewType(_ header: NumPyHeader) -> DataType? {
    let isInOrder = !header.isFortranOrdered || header.shape.filter { $0 != 1 }.count <= 1
    guard isInOrder, !header.isBigEndian, header.number != .bool else { return nil }
    return header.number.dataType.flatMap { $0.rawValue == header.number.rawValue ? $0 : nil }
  }
}

extension Tensor {
  /// The elements with the last axis first: NumPy's `.T`.
  fileprivate func withAxesReversed() -> Tensor {
    let target = Array(shape.reversed())
    let size = dataType.byteCount
    // How far apart neighbours along each axis of the result are in this tensor.
    var strides: [Int] = []
    var stride = size
    for length in target {
      strides.append(stride)
      stride *= length
    }
    return withUnsafeBytes { source in
      Tensor(uninitialized: target, dataType) { output in
        var position = [Int](repeating: 0, count: target.count)
        var offset = 0
        for start in Swift.stride(from: 0, to: output.count, by: size) {
          for byte in 0..<size { output[start + byte] = source[offset + byte] }
          // Counts up like an odometer, the last axis fastest.
          var axis = target.count - 1
          while axis >= 0 {
            position[axis] += 1
            offset += strides[axis]
            if position[axis] < target[axis] { break }
            offset -= strides[axis] * target[axis]
            position[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }
}
