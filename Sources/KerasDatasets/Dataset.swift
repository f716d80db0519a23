import KerasCore
import KerasFiles
import KerasStore
import KerasWeights

/// What a published data set is delivered as: samples for training, and others for tests.
public struct Dataset: Sendable {
  public struct Part: Sendable {
    /// `[samples, …]`
    public let x: Tensor
    /// `[samples]` or `[samples, 1]`, as Keras has it.
    public let y: Tensor
  }

  public let training: Part
  public let test: Part

  init(_ xTrain: Tensor, _ yTrain: Tensor, _ xTest: Tensor, _ yTest: Tensor) throws(KerasError) {
    for (name, x, y) in [("training", xTrain, yTrain), ("test", xTest, yTest)] {
      guard let count = x.shape.first, y.shape.first == count else {
        throw KerasError(
          .invalidFile, "\(Shape(x.shape)) samples and \(Shape(y.shape)) labels do not fit.", path: [name])
      }
    }
    training = Part(x: xTrain, y: yTrain)
    test = Part(x: xTest, y: yTest)
  }

  /// Shuffled as Keras does, and the last share kept for tests.
  static func split(
    _ x: Tensor, _ y: Tensor, testShare: Double, seed: UInt32
  ) throws(KerasError) -> Dataset {
    try require(
      testShare >= 0 && testShare < 1,
      "The share of tests is from 0 up to 1, which excluded, found \(testShare).")
    guard let count = x.shape.first, count > 0, y.shape.first == count else {
      throw KerasError(.invalidFile, "\(Shape(x.shape)) samples and \(Shape(y.shape)) targets do not fit.")
    }
    var random = NumPyRandom(seed: seed)
    let order = random.permutation(count)
    let first = Int(Double(count) * (1 - testShare))
    return try Dataset(
      x.gatheringRows(order[..<first]), y.gatheringRows(order[..<first]), x.gatheringRows(order[first...]),
      y.gatheringRows(order[first...]))
  }
}

extension WeightStore {
  /// The path of a data set's file, fetched if it is not here yet.
  ///
  /// - Parameter name: another name in the cache, as Keras' argument `path`.
  /// - Throws: as ``path(for:)``; `invalidArgument` for a name that is a path.
  func path(for file: DatasetFile, name: String? = nil) throws(KerasError) -> String {
    let remote = try RemoteFile(file, name: name)
    if let path = try cachedPath(for: remote) { return path }
    for other in file.otherNames {
      if let path = try cachedPath(for: try RemoteFile(file, name: other)) { return path }
    }
    return try path(for: remote)
  }
}

extension RemoteFile {
  fileprivate init(_ file: DatasetFile, name: String?) throws(KerasError) {
    let name = name ?? file.name
    try require(
      !name.isEmpty && !name.contains("/") && name != "." && name != "..",
      "A file in the cache has a name without folders, found `\(name.escaped)`.")
    self.init(
      name: name, subfolder: file.folder, url: file.url, mirrorPath: file.mirrorPath, hash: file.hash)
  }
}

/// An archive of numbers in which data sets are published.
struct PublishedArrays {
  private let arrays: [String: Tensor]
  private let file: String

  init(_ path: String) throws(KerasError) {
    file = path
    arrays = try NumPy.loadArchive(path)
  }

  subscript(name: String) -> Tensor {
    get throws(KerasError) {
      guard let array = arrays[name] else {
        throw KerasError(
          .invalidFile, "The archive does not hold `\(name)`.", path: [file.escaped],
          remedy: "download the file again.")
      }
      return array
    }
  }
}
