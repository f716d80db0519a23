import Keras

/// A row of a file of features.
struct FeatureRow {
  let file: String
  /// Its place in the whole; nil where the file does not say.
  let index: Int?
  /// Flat numbers of each array.
  let values: [[Float]]
}

/// A file of features, read row by row.
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
    case .npy:
      throw KerasError(
        .unsupported, "\(path.escaped) holds rows without the names of their pictures.",
        remedy: "write .npz.")
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
    case .safetensors:
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
    case .csv:
      job = nil
      (arrays, shapes, step) = try Self.csvRows(path)
    case .jsonl:
      job = nil
      (arrays, shapes, step) = try Self.jsonRows(path)
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

  private static func csvRows(_ path: String) throws(KerasError) -> Rows {
    let reader = try LineReader(path)
    guard let head = try record(reader, path), head.first == "file" else {
      throw wrong(path, "its first line is not file,f0,f1,…")
    }
    let hasIndex = head.dropFirst().first == FeatureArrays.index
    let width = head.count - (hasIndex ? 2 : 1)
    return (
      FeatureArrays.names([]), [[width]],
      { () throws(KerasError) in
        guard let cells = try record(reader, path) else { return nil }
        let values = cells.suffix(width).compactMap { Float($0) }
        let index = hasIndex && cells.count > 1 ? Int(cells[1]) : nil
        guard cells.count == head.count, values.count == width, hasIndex == (index != nil) else {
          throw wrong(path, "the line of \(cells[0].escaped) is damaged")
        }
        return FeatureRow(file: cells[0], index: index, values: [values])
      }
    )
  }

  /// The cells of a record of RFC 4180, whose quoted cells may hold line ends.
  private static func record(_ reader: LineReader, _ path: String) throws(KerasError) -> [String]? {
    guard var bytes = try reader.next(takesTorn: true) else { return nil }
    let quote = UInt8(ascii: "\"")
    var quotes = bytes.count { $0 == quote }
    while quotes % 2 == 1 {
      guard let more = try reader.next(takesTorn: true) else { throw wrong(path, "a quote is not closed") }
      quotes += more.count { $0 == quote }
      bytes += [UInt8(ascii: "\n")] + more
    }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    var cells: [[UInt8]] = [[]]
    var isQuoted = false
    for (place, byte) in bytes.enumerated() {
      if byte == quote {
        // A quote behind a quote, inside, is one of the text.
        if !isQuoted, place > 0, bytes[place - 1] == quote, !cells[cells.count - 1].isEmpty || place > 1 {
          cells[cells.count - 1].append(quote)
        }
        isQuoted.toggle()
      } else if byte == UInt8(ascii: ","), !isQuoted {
        cells.append([])
      } else {
        cells[cells.count - 1].append(byte)
      }
    }
    return cells.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func jsonRows(_ path: String) throws(KerasError) -> Rows {
    let reader = try LineReader(path)
    func parsed() throws(KerasError) -> (row: FeatureRow, names: [String])? {
      guard let line = try reader.next(takesTorn: true) else { return nil }
      guard let json = try? JSON(parsing: line), let file = json["file"]?.string,
        let features = json["features"]
      else { throw wrong(path, "a line is not {\"file\", \"features\"}") }
      let lists = features.object.map { Array($0.values) } ?? [features]
      let values = lists.map { $0.array?.compactMap { $0.number.map { Float($0) } } ?? [] }
      guard zip(lists, values).allSatisfy({ $0.array?.count == $1.count }) else {
        throw wrong(path, "features of \(file.escaped) are not numbers")
      }
      return (
        FeatureRow(file: file, index: json["index"]?.integer, values: values),
        features.object?.keys ?? FeatureArrays.names([])
      )
    }
    var first = try parsed()
    let (names, shapes) = (first?.names ?? [], first?.row.values.map { [$0.count] } ?? [])
    return (names, shapes, { () throws(KerasError) in
      if let row = first?.row {
        first = nil
        return row
      }
      guard let (row, found) = try parsed() else { return nil }
      guard found == names, row.values.map({ [$0.count] }) == shapes else {
        throw wrong(path, "features of \(row.file.escaped) are others than those before")
      }
      return row
    })
  }

  private static func wrong(_ path: String, _ what: String) -> KerasError {
    KerasError(.invalidFile, "This is not a file of features: \(what).", path: [path.escaped])
  }
}
