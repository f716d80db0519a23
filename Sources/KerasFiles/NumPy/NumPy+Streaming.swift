import KerasCore

extension NumPy {
  /// Writes `array` as `.npy`, beside `path`, and renames it; no more of it is held than it hands out at once.
  ///
  /// - Throws: `fileAccess`, and what the array throws.
  package static func write(_ array: StreamedArray, to path: String) throws(KerasError) {
    try writeFile(at: path) { (file) throws(KerasError) in
      try file.append(array.numPyHead)
      try array.writeNumPyElements { (bytes) throws(KerasError) in try file.append(bytes) }
    }
  }

  /// Writes `arrays` as `.npz`, uncompressed and in their order; texts are NumPy's of fixed width (`<U`).
  ///
  /// - Throws: `invalidArgument` for a name that leads out of the archive; `fileAccess`; `libraryFailure`.
  package static func writeArchive(_ arrays: [StreamedArray], to path: String) throws(KerasError) {
    for array in arrays where !ZipFile.isProper(array.name) {
      throw KerasError(.invalidArgument, "An array in an archive cannot be called \(array.name.escaped).")
    }
    try writeFile(at: path) { (file) throws(KerasError) in
      let zip = try ZipWriter(isReproducible: true) { (bytes) throws(KerasError) in try file.append(bytes) }
      for array in arrays {
        let head = array.numPyHead
        try zip.begin(array.name + ".npy", byteCount: head.count + array.numPyByteCount)
        try zip.write(head)
        try array.writeNumPyElements { (bytes) throws(KerasError) in try zip.write(bytes) }
      }
      try zip.finish()
    }
  }
}

extension StreamedArray {
  fileprivate var numPyHead: [UInt8] {
    switch contents {
    case .numbers(let dataType, _): NumPyHeader(dataType, shape: shape).text
    case .texts(let scalars, _, _): NumPyHeader.text(type: "<U\(max(1, scalars))", shape: shape)
    }
  }

  fileprivate var numPyByteCount: Int {
    let count = shape.reduce(1, *)
    switch contents {
    case .numbers(let dataType, _): return count * dataType.byteCount
    case .texts(let scalars, _, _): return count * max(1, scalars) * 4
    }
  }

  fileprivate func writeNumPyElements(_ sink: Sink) throws(KerasError) {
    switch contents {
    case .numbers(_, let pieces): try pieces(sink)
    case .texts(let scalars, _, let each):
      try each { (text) throws(KerasError) in
        var bytes = [UInt8](repeating: 0, count: max(1, scalars) * 4)
        for (place, scalar) in text.unicodeScalars.prefix(scalars).enumerated() {
          for byte in 0..<4 { bytes[place * 4 + byte] = UInt8(truncatingIfNeeded: scalar.value >> (8 * byte)) }
        }
        try hand(bytes, to: sink)
      }
    }
  }
}

/// An `.npz` file of which single arrays are read, numbers and texts.
///
/// ```swift
/// let archive = try NumPyArchive("features.npz")
/// let vectors = try archive.tensor("features")  // [count, 1024]
/// let files = try archive.texts("files")
/// ```
public struct NumPyArchive: Sendable {
  private let path: String
  private let arrays: [String: FileContents]

  /// Opens the archive at `path`.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for what is damaged or something else.
  public init(_ path: String) throws(KerasError) {
    self.path = path
    var arrays: [String: FileContents] = [:]
    for (name, file) in try NumPy.arrays(in: ZipFile(FileContents(path: path))) { arrays[name] = file }
    self.arrays = arrays
  }

  /// The names of the arrays, sorted.
  public var names: [String] { arrays.keys.sorted() }

  /// An array of numbers; where its form allows, a view of the mapped file.
  ///
  /// - Throws: `unknownName`; as ``NumPy/load(_:)``.
  public func tensor(_ name: String) throws(KerasError) -> Tensor { try NumPy.tensor(in: file(name)) }

  /// The rows of an array of numbers, read a few at a time.
  package func rows(_ name: String) throws(KerasError) -> NumPyRows { try NumPyRows(file(name)) }

  /// An array of texts of fixed width (`<U`), flat.
  ///
  /// - Throws: `unknownName`; `invalidFile` for what is damaged, `unsupported` for other elements.
  public func texts(_ name: String) throws(KerasError) -> [String] {
    let texts = try textArray(name)
    return try (0..<texts.count).map { (index) throws(KerasError) in try texts[index] }
  }

  /// The same, each read when it is wanted.
  package func textArray(_ name: String) throws(KerasError) -> NumPyTexts { try NumPyTexts(file(name)) }

  private func file(_ name: String) throws(KerasError) -> FileContents {
    guard let file = arrays[name] else {
      throw KerasError(
        .unknownName, "There is no array `\(name.escaped)`.", path: [path.escaped],
        remedy: "it has \(names.map(\.escaped).joined(separator: ", ")).")
    }
    return file
  }
}

/// NumPy's texts of fixed width, in a mapped file.
package struct NumPyTexts: Sendable {
  package let count: Int
  private let file: FileContents
  private let start: Int
  private let scalars: Int
  private let isBigEndian: Bool

  init(_ file: FileContents) throws(KerasError) {
    (start, count, scalars, isBigEndian) = try within(file.name.escaped) { () throws(KerasError) in
      let head = try NumPyHeader.fields(of: file.bytes)
      guard head.type.dropFirst().first == "U", let scalars = Int(head.type.dropFirst(2)), scalars >= 0,
        let order = head.type.first, "<>=|".contains(order)
      else {
        throw KerasError(.unsupported, "Expected texts, found elements of the type \(head.type.escaped).")
      }
      guard let count = checkedElementCount(head.shape),
        case let (bytes, overflow) = count.multipliedReportingOverflow(by: scalars), !overflow,
        bytes <= (file.bytes.count - head.byteCount) / 4
      else { throw NumPyHeader.damaged("\(head.shape) texts of \(scalars) characters do not fit into it") }
      return (head.byteCount, count, scalars, order == ">")
    }
    self.file = file
  }

  package subscript(index: Int) -> String {
    get throws(KerasError) {
      var text = String.UnicodeScalarView()
      for place in 0..<scalars {
        let stored = file.bytes.loadUnaligned(
          fromByteOffset: start + (index * scalars + place) * 4, as: UInt32.self)
        let value = isBigEndian ? UInt32(bigEndian: stored) : UInt32(littleEndian: stored)
        if value == 0 { break }
        guard let scalar = Unicode.Scalar(value) else {
          throw KerasError(.invalidFile, "Text \(index) holds no Unicode.", path: [file.name.escaped])
        }
        text.append(scalar)
      }
      return String(text)
    }
  }
}

/// An array of numbers in a mapped file of which some rows at a time are read, wherever in the file they begin: arrays
/// in archives begin anywhere.
package struct NumPyRows: Sendable {
  package let shape: [Int]
  package let dataType: DataType
  private let source: Source

  private enum Source {
    /// The bytes are a tensor's, from a place on.
    case bytes(FileContents, start: Int)
    case converted(Tensor)
  }

  /// - Throws: as ``NumPy/load(_:)``.
  package init(path: String) throws(KerasError) { try self.init(FileContents(path: path)) }

  init(_ file: FileContents) throws(KerasError) {
    let header = try NumPy.header(of: file)
    shape = header.shape
    if let type = NumPy.viewType(header) {
      (dataType, source) = (type, .bytes(file, start: header.byteCount))
    } else {
      let tensor = try NumPy.tensor(in: file)
      (dataType, source) = (tensor.dataType, .converted(tensor))
    }
  }

  /// Some rows: `[count, …]`.
  package func rows(_ range: Range<Int>) throws(KerasError) -> Tensor {
    switch source {
    case .converted(let tensor): return try tensor.rows(range)
    case .bytes(let file, let start):
      let byteCount = shape.dropFirst().reduce(dataType.byteCount, *)
      let bytes = file.bytes[start + range.lowerBound * byteCount..<start + range.upperBound * byteCount]
      return Tensor(uninitialized: [range.count] + shape.dropFirst(), dataType) {
        $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes))
      }
    }
  }
}
