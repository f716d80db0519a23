import Keras

/// A row of a file of features.
struct FeatureRow {
  let file: String
  /// Its place in the whole; nil where the file does not say.
  let index: Int?
  /// Flat numbers of each array.
  let values: [[Float]]
}

/// A part of a whole that was computed in shards, read row by row.
final class FeatureFile {
  let path: String
  /// What it was computed with; nil where the format cannot say.
  let job: JSON?
  /// The arrays, and the shape of a row of each; empty for a text file without rows.
  let arrays: [String]
  let shapes: [[Int]]
  private let step: () throws(KerasError) -> FeatureRow?

  /// The next row; nil behind the last.
  func next() throws(KerasError) -> FeatureRow? { try step() }

  init(_ path: String) throws(KerasError) {
    self.path = path
    switch try FeatureFormat(path: path, arrays: 1, isShard: false) {
    case let format where !format.holdsJob: throw FeatureFormat.noPart(path, format)
    case .npz:
      let archive = try NumPyArchive(path)
      job = archive.names.contains(FeatureArrays.job)
        ? try JSON(parsing: archive.texts(FeatureArrays.job).first ?? "") : nil
      var tensors: [String: Tensor] = [:]
      for name in archive.names where name != FeatureArrays.files && name != FeatureArrays.job {
        tensors[name] = try archive.tensor(name)
      }
      let files = try archive.textArray(FeatureArrays.files)
      (arrays, shapes, step) = try Self.rows(path, job, tensors, files.count) {
        (index) throws(KerasError) in try files[index]
      }
    case .h5:
      let file = try HDF5File(path: path)
      job = try file.root.attribute(FeatureArrays.job)?.string.map { text throws(KerasError) in
        try JSON(parsing: text)
      }
      let names =
        job?["layers"]?.array.map { FeatureArrays.names($0.compactMap(\.string)) } ?? FeatureArrays.names([])
      var tensors: [String: Tensor] = [:]
      for name in names { tensors[name] = try file.root.dataset(at: name).tensor() }
      if file.root.names.contains(FeatureArrays.index) {
        tensors[FeatureArrays.index] = try file.root.dataset(at: FeatureArrays.index).tensor()
      }
      let files = try file.root.dataset(at: FeatureArrays.files)
      (arrays, shapes, step) = try Self.rows(path, job, tensors, files.shape.first ?? 0) {
        (index) throws(KerasError) in try files.text(at: index)
      }
    default:
      let file = try SafetensorsFile(path: path)
      job = try file.metadata[FeatureArrays.job].map { text throws(KerasError) in try JSON(parsing: text) }
      var tensors: [String: Tensor] = [:]
      for name in file.names where name != FeatureArrays.files { tensors[name] = file[name] }
      guard let files = file[FeatureArrays.files], files.dataType == .uint8, files.rank == 2 else {
        throw Self.wrong(path, "`files` is missing")
      }
      let width = files.shape[1]
      (arrays, shapes, step) = try Self.rows(path, job, tensors, files.shape[0]) { index in
        files.withUnsafeBytes { bytes in
          String(decoding: bytes[index * width..<(index + 1) * width].prefix { $0 != 0 }, as: UTF8.self)
        }
      }
    }
  }

  private typealias Rows = (
    arrays: [String], shapes: [[Int]], step: () throws(KerasError) -> FeatureRow?
  )

  /// Rows of tensors, which are views of a mapped file.
  private static func rows(
    _ path: String, _ job: JSON?, _ tensors: [String: Tensor], _ count: Int,
    _ file: @escaping (Int) throws(KerasError) -> String
  ) throws(KerasError) -> Rows {
    var tensors = tensors
    let index = tensors.removeValue(forKey: FeatureArrays.index)
    let layers = job?["layers"]?.array?.compactMap(\.string) ?? []
    // In the order in which they were asked for, if that is known.
    let names = job == nil ? tensors.keys.sorted() : FeatureArrays.names(layers)
    var found: [Tensor] = []
    for name in names {
      guard let tensor = tensors[name], tensor.dataType == .float32, tensor.rank > 1,
        tensor.shape[0] == count
      else { throw wrong(path, "`\(name.escaped)` is missing, or not \(count) rows of float32") }
      found.append(tensor)
    }
    guard index.map({ $0.dataType == .int64 && $0.shape == [count] }) ?? true, !found.isEmpty else {
      throw wrong(path, "`index` is not \(count) int64")
    }
    var row = 0
    let (all, shapes) = (found, found.map { Array($0.shape.dropFirst()) })
    return (names, shapes, { () throws(KerasError) in
      guard row < count else { return nil }
      defer { row += 1 }
      let values = all.map { tensor in
        tensor.withUnsafeBytes { bytes in
          let width = tensor.byteCount / count
          return Array(
            UnsafeRawBufferPointer(rebasing: bytes[row * width..<(row + 1) * width]).bindMemory(to: Float.self))
        }
      }
      let place = index.map { tensor in
        tensor.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: row * 8, as: Int64.self)) }
      }
      return FeatureRow(file: try file(row), index: place, values: values)
    })
  }

  private static func wrong(_ path: String, _ what: String) -> KerasError {
    KerasError(.invalidFile, "This is not a file of features: \(what).", path: [path.escaped])
  }
}
