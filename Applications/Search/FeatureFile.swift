import KerasFiles
import KerasModels

/// A row of a file of features.
package struct FeatureRow {
  package let file: String
  /// Its place in the whole; nil where the file does not say.
  package let index: Int?
  /// Flat numbers of each array.
  package let values: [[Float]]
}

/// A file of features, opened: what it holds is known, and rows are read when they are wanted.
package struct FeatureFile: Sendable {
  /// An array of it.
  package struct Rows: Sendable {
    package let name: String
    /// Of one row.
    package let shape: [Int]
    /// Some rows: `[count, …]`, numbers of any type.
    package let read: @Sendable (Range<Int>) throws(KerasError) -> Tensor
  }

  package let path: String
  /// What it was computed with; nil where the file does not say.
  package let job: JSON?
  /// In the order in which they were asked for, where that is known.
  package let arrays: [Rows]
  /// How many rows there are.
  package let count: Int
  /// Whether it names the files of the pictures.
  package let hasNames: Bool
  private let name: @Sendable (Int) throws(KerasError) -> String
  private let places: Tensor?

  /// - Throws: `fileNotFound`, `fileAccess`; `invalidArgument` for an ending that says no format; `invalidFile` for what
  ///   is damaged or holds no features.
  package init(_ path: String) throws(KerasError) {
    guard let format = FeatureFormat(endingOf: path) else {
      throw KerasError(
        .invalidArgument, "\(path.escaped) does not end in what says its format.",
        remedy: "features are read from \(FeatureFormat.endings).")
    }
    let contents =
      switch format {
      case .npy: try Self.array(path)
      case .npz: try Self.archive(path)
      case .h5: try Self.hdf5(path)
      case .safetensors: try Self.safetensors(path)
      case .csv: try Self.table(path)
      case .jsonl: try Self.lines(path)
      }
    try self.init(path, contents)
  }

  /// The file's name of a row; nil where there are none.
  package func file(_ row: Int) throws(KerasError) -> String? { hasNames ? try name(row) : nil }

  /// A row of every array; nil behind the last.
  package func row(_ row: Int) throws(KerasError) -> FeatureRow? {
    guard row < count else { return nil }
    var values: [[Float]] = []
    for array in arrays { values.append(try array.read(row..<row + 1).converted(to: .float32).scalars()) }
    let place = places.map { tensor in
      tensor.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: row * 8, as: Int64.self)) }
    }
    return FeatureRow(file: try name(row), index: place, values: values)
  }

  // MARK: Formats

  /// What a format's reader found.
  struct Contents {
    var job: JSON?
    /// By name, and the count of rows of each.
    var arrays: [String: (count: Int, dataType: DataType, rows: Rows)] = [:]
    var places: Tensor?
    /// How many files are named; nil where the format names none.
    var nameCount: Int?
    var name: @Sendable (Int) throws(KerasError) -> String = { (_) in "" }

    mutating func add(_ name: String, _ tensor: Tensor) {
      add(name, tensor.shape, tensor.dataType) { (range) throws(KerasError) in try tensor.rows(range) }
    }

    mutating func add(
      _ name: String, _ shape: [Int], _ dataType: DataType,
      _ read: @escaping @Sendable (Range<Int>) throws(KerasError) -> Tensor
    ) {
      guard let count = shape.first else { return }
      arrays[name] = (count, dataType, Rows(name: name, shape: Array(shape.dropFirst()), read: read))
    }
  }

  private init(_ path: String, _ contents: Contents) throws(KerasError) {
    self.path = path
    job = contents.job
    let layers = job?["layers"]?.array?.compactMap(\.string) ?? []
    let names = job == nil ? contents.arrays.keys.sorted() : FeatureArrays.names(layers)
    let count = contents.nameCount ?? names.first.flatMap { contents.arrays[$0]?.count } ?? 0
    var found: [Rows] = []
    for name in names {
      guard let array = contents.arrays[name], array.dataType.isFloatingPoint, !array.rows.shape.isEmpty,
        array.count == count
      else {
        throw notFeatures(
          path, "`\(name.escaped)` is missing, or not \(count) rows of floating-point numbers")
      }
      found.append(array.rows)
    }
    guard !found.isEmpty else { throw notFeatures(path, "there is no array in it") }
    guard contents.places.map({ $0.dataType == .int64 && $0.shape == [count] }) ?? true else {
      throw notFeatures(path, "`index` is not \(count) int64")
    }
    (arrays, self.count, places) = (found, count, contents.places)
    (hasNames, name) = (contents.nameCount != nil, contents.name)
  }

  private static func array(_ path: String) throws(KerasError) -> Contents {
    let rows = try NumPyRows(path: path)
    var contents = Contents()
    contents.add("features", rows.shape, rows.dataType, rows.rows)
    return contents
  }

  private static func archive(_ path: String) throws(KerasError) -> Contents {
    let archive = try NumPyArchive(path)
    var contents = Contents()
    for name in archive.names where !FeatureArrays.reserved.contains(name) {
      let rows = try archive.rows(name)
      contents.add(name, rows.shape, rows.dataType, rows.rows)
    }
    if archive.names.contains(FeatureArrays.job) {
      contents.job = try JSON(parsing: archive.texts(FeatureArrays.job).first ?? "")
    }
    if archive.names.contains(FeatureArrays.index) {
      contents.places = try archive.tensor(FeatureArrays.index)
    }
    let files = try archive.textArray(FeatureArrays.files)
    contents.nameCount = files.count
    contents.name = { (index) throws(KerasError) in try files[index] }
    return contents
  }

  private static func hdf5(_ path: String) throws(KerasError) -> Contents {
    let file = try HDF5File(path: path)
    var contents = Contents()
    contents.job = try file.root.attribute(FeatureArrays.job)?.string.map { text throws(KerasError) in
      try JSON(parsing: text)
    }
    let layers = contents.job?["layers"]?.array?.compactMap(\.string) ?? []
    for name in FeatureArrays.names(layers) { contents.add(name, try file.root.dataset(at: name).tensor()) }
    if file.root.names.contains(FeatureArrays.index) {
      contents.places = try file.root.dataset(at: FeatureArrays.index).tensor()
    }
    let files = try file.root.dataset(at: FeatureArrays.files)
    contents.nameCount = files.shape.first ?? 0
    contents.name = { (index) throws(KerasError) in try files.text(at: index) }
    return contents
  }

  private static func safetensors(_ path: String) throws(KerasError) -> Contents {
    let file = try SafetensorsFile(path: path)
    var contents = Contents()
    contents.job = try file.metadata[FeatureArrays.job].map { text throws(KerasError) in
      try JSON(parsing: text)
    }
    for name in file.names where !FeatureArrays.reserved.contains(name) {
      if let tensor = file[name] { contents.add(name, tensor) }
    }
    contents.places = file[FeatureArrays.index]
    guard let files = file[FeatureArrays.files], files.dataType == .uint8, files.rank == 2 else {
      throw notFeatures(path, "`files` is missing")
    }
    let width = files.shape[1]
    contents.nameCount = files.shape[0]
    contents.name = { index in
      files.withUnsafeBytes { bytes in
        String(decoding: bytes[index * width..<(index + 1) * width].prefix { $0 != 0 }, as: UTF8.self)
      }
    }
    return contents
  }
}

/// What is said of a file that holds something else.
func notFeatures(_ path: String, _ what: String) -> KerasError {
  KerasError(.invalidFile, "This is not a file of features: \(what).", path: [path.escaped])
}
