import KerasModels
import KerasOpenBLASBackend

/// Features of many pictures, among which those that are alike are found.
///
/// Alike is what points the same way: the similarity of two pictures is the cosine of the angle between their features,
/// 1 for the same direction, 0 for a right angle. What a file holds is read a few megabytes at a time, so that an index
/// may be larger than the memory.
///
/// ```swift
/// let index = try FeatureIndex(contentsOf: "photos.npz")  // which `keras features` wrote
/// let photo = try model.features([Image(contentsOf: "cat.jpg")], pooling: .average)
/// for match in try index.nearest(to: photo, count: 5)[0] { print(match.file ?? "", match.similarity) }
/// ```
public struct FeatureIndex: Sendable {
  /// How many pictures there are.
  public let count: Int
  /// How many numbers describe each.
  public let width: Int
  /// What the file says of its making; nil where it says nothing.
  package let job: JSON?
  private let name: @Sendable (Int) throws(KerasError) -> String?
  private let read: @Sendable (Range<Int>) throws(KerasError) -> Tensor

  /// Opens a file that `keras features` wrote, in any of its formats; any array of vectors will do.
  ///
  /// - Parameter layer: which array, of a file with several; nil for the only one.
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for what is damaged, empty or something else;
  ///   `invalidArgument` where an array must be chosen, `unknownName` for one that is not there.
  public init(contentsOf path: String, layer: String? = nil) throws(KerasError) {
    let file = try FeatureFile(path)
    let array = try Self.array(of: file, layer)
    guard file.count > 0 else { throw notFeatures(path, "it holds no pictures") }
    (count, job) = (file.count, file.job)
    width = array.shape.reduce(1, *)
    (name, read) = (file.file, array.read)
    guard width > 0 else { throw notFeatures(path, "its rows are empty") }
  }

  /// - Parameters:
  ///   - features: `[count, …]`; axes behind the first are taken as one.
  ///   - files: the pictures' names, as many; or none.
  /// - Throws: `shapeMismatch` for features without rows or numbers, or names of another number.
  public init(_ features: Tensor, files: [String] = []) throws(KerasError) {
    let vectors = try features.vectors()
    (count, width) = (vectors.shape[0], vectors.shape[1])
    guard count > 0, width > 0 else {
      throw KerasError(.shapeMismatch, "Expected features of at least one picture, found \(features.shape).")
    }
    guard files.isEmpty || files.count == count else {
      throw KerasError(.shapeMismatch, "\(files.count) files are named for \(count) rows of features.")
    }
    job = nil
    name = { row in files.isEmpty ? nil : files[row] }
    read = { (range) throws(KerasError) in try vectors.rows(range) }
  }

  private static func array(of file: FeatureFile, _ layer: String?) throws(KerasError) -> FeatureFile.Rows {
    let names = file.arrays.map(\.name)
    let list = names.map(\.escaped).joined(separator: ", ")
    guard let layer else {
      guard names.count == 1 else {
        throw KerasError(
          .invalidArgument, "The file holds features of \(names.count) layers.", path: [file.path.escaped],
          remedy: "name one as layer: \(list).")
      }
      return file.arrays[0]
    }
    // The array of one layer is called `features`; the job says of which.
    let layers = file.job?["layers"]?.array?.compactMap(\.string) ?? []
    if names.count == 1, layers == [layer] || layer == names[0] { return file.arrays[0] }
    guard names.count > 1, let place = names.firstIndex(of: layer) else {
      throw KerasError(
        .unknownName, "The file holds no features of the layer \(layer.escaped).", path: [file.path.escaped],
        remedy:
          "it holds \(layers.isEmpty && names.count == 1 ? "what the classifier sees" : (layers.isEmpty ? list : layers.map(\.escaped).joined(separator: ", ")))."
      )
    }
    return file.arrays[place]
  }

  /// The file of a picture; nil where the index names none.
  ///
  /// - Throws: `invalidArgument` for a row that is not there; what reading throws.
  public func file(at row: Int) throws(KerasError) -> String? {
    guard (0..<count).contains(row) else {
      throw KerasError(.invalidArgument, "There is no row \(row) in an index of \(count).")
    }
    return try name(row)
  }

  /// Some rows of features, `[count, width]`, float32.
  package func features(_ rows: Range<Int>) throws(KerasError) -> Tensor { try read(rows).vectors() }

  // MARK: Blocks

  /// Rows that are read together: as many as make 16 MB.
  var rowsPerBlock: Int { max(1, min(4096, (1 << 22) / width)) }

  func directions(_ range: Range<Int>) throws(KerasError) -> Directions {
    Directions(try features(range))
  }

  func match(_ row: Int, _ similarity: Double) throws(KerasError) -> FeatureMatch {
    FeatureMatch(index: row, file: try name(row), similarity: similarity)
  }
}

/// A picture of an index, and how like another one it is.
public struct FeatureMatch: Hashable, Sendable {
  /// Its row.
  public let index: Int
  /// Its file, where the index names files.
  public let file: String?
  /// The cosine of the angle between the features, −1…1.
  public let similarity: Double
}

extension Tensor {
  /// `[count, width]` in float32.
  ///
  /// - Throws: `shapeMismatch` for one without rows.
  func vectors() throws(KerasError) -> Tensor {
    guard rank > 1 else {
      throw KerasError(.shapeMismatch, "Expected rows of features, [count, …], found shape \(shape).")
    }
    guard let width = checkedElementCount(Array(shape.dropFirst())) else {
      throw KerasError(.shapeMismatch, "Rows of shape \(shape) have more numbers than can be counted.")
    }
    return try converted(to: .float32).reshaped(to: [shape[0], width])
  }
}
