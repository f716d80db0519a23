import Foundation
import KerasStore
import KerasTestSupport
import KerasWeights
import Testing

@testable import KerasDatasets

/// Small archives in the formats of the published ones, against what Keras reads from them.
@Suite struct DatasetTests {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  static func fixture(_ name: String) -> String { fixtures.appending(path: name).path }

  private static let expected: JSON = {
    guard let data = try? Data(contentsOf: fixtures.appending(path: "expected.json")),
      let json = try? JSON(parsing: data)
    else { return .null }
    return json
  }()

  // MARK: Numbers

  @Test func cifarFromArchives() throws {
    let (store, folder) = try Self.store([:])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Unpacked as Keras 3 and as TF-Keras unpack them: archives are checked by a hash that these do not have.
    for (archive, place) in [
      ("cifar-10-python.tar.gz", "datasets/cifar-10-batches-py-target"),
      ("cifar-100-python.tar.gz", "datasets"),
    ] {
      let target = "\(folder)/\(place)"
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
      let names =
        archive.hasPrefix("cifar-100")
        ? ["cifar-100-python/train", "cifar-100-python/test"]
        : (1...5).map { "cifar-10-batches-py/data_batch_\($0)" } + ["cifar-10-batches-py/test_batch"]
      let files = try CIFARFiles.contents(of: names, in: Self.fixture(archive))
      for (name, bytes) in files {
        let path = "\(target)/\(name)"
        try FileManager.default.createDirectory(
          atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path))
      }
    }
    try expect(CIFAR10.load(dataFormat: .channelsLast, from: store), "cifar10")
    try expect(CIFAR100.load(dataFormat: .channelsLast, from: store), "cifar100_fine")
    try expect(CIFAR100.load(labels: .coarse, dataFormat: .channelsLast, from: store), "cifar100_coarse")
    let planes = try CIFAR10.load(dataFormat: .channelsFirst, from: store)
    #expect(planes.training.x.shape == [10, 3, 32, 32])
  }

  @Test func fashionMNIST() throws {
    let files = ["train-labels-idx1", "train-images-idx3", "t10k-labels-idx1", "t10k-images-idx3"].map {
      "\($0)-ubyte.gz"
    }
    let (store, folder) = try Self.store(
      Dictionary(uniqueKeysWithValues: files.map { ("datasets/fashion-mnist/\($0)", Self.fixture($0)) }))
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try expect(FashionMNIST.load(from: store), "fashion_mnist")
  }

  @Test func housing() throws {
    let path = Self.fixture("boston_housing.npz")
    try expect(BostonHousing.read(path), "boston_housing")
    try expect(BostonHousing.read(path, testShare: 0.5, seed: 7), "boston_housing_half")
  }

  private static let digits: String? = PackagePaths.shared.flatMap { folder in
    let path = folder.appending(path: "datasets/mnist.npz").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// All of it, packed another way than the published file, where it is kept beside the package.
  @Test(.enabled(if: digits != nil, "mnist.npz is not beside the package"))
  func mnist() throws {
    let digits = try MNIST.read(#require(Self.digits))
    #expect(digits.training.x.spec == TensorSpec([60_000, 28, 28], .uint8))
    #expect(digits.training.y.spec == TensorSpec([60_000], .uint8))
    #expect(digits.test.x.spec == TensorSpec([10_000, 28, 28], .uint8))
    #expect(try digits.training.y.rows(0..<6).scalars(as: Int.self) == [5, 0, 4, 1, 9, 2])
  }

  private func expect(_ data: Dataset, _ name: String) throws {
    let want = try #require(Self.expected[name]?.array)
    for (part, want) in zip([data.training, data.test], want) {
      for (tensor, want) in zip([part.x, part.y], want.array ?? []) {
        let numbers: [Double] = tensor.scalars()
        let sum = numbers.enumerated().reduce(0) { $0 + $1.element * Double(($1.offset + 1) % 1000) }
        #expect(JSON(tensor.shape) == want["shape"])
        #expect(abs(sum - (want["sum"]?.number ?? .nan)) <= 1e-9 * abs(sum))
        #expect(Array(numbers.prefix(8)) == want["first"]?.array?.compactMap(\.number))
      }
    }
  }

  // MARK: Texts

  static let selections: [(String, WordSelection, UInt32)] = [
    ("default", WordSelection(), 113), ("limited", WordSelection(wordLimit: 20, skippedCount: 5), 113),
    ("short", WordSelection(lengthLimit: 9), 5),
    ("gaps", WordSelection(wordLimit: 30, unknownNumber: nil), 113),
    ("bare", WordSelection(startNumber: nil, firstNumber: 0), 113),
    ("shifted", WordSelection(wordLimit: 25, startNumber: 7, unknownNumber: 9, firstNumber: 10), 113),
  ]

  @Test(arguments: selections)
  func reviews(_ name: String, _ words: WordSelection, _ seed: UInt32) throws {
    try expect(IMDB.read(Self.fixture("imdb.npz"), words, seed: seed), "imdb_\(name)")
  }

  @Test(arguments: selections.filter { $0.0 != "short" })
  func newswires(_ name: String, _ words: WordSelection, _ seed: UInt32) throws {
    try expect(Reuters.read(Self.fixture("reuters.npz"), words, seed: seed), "reuters_\(name)")
  }

  @Test func shortNewswires() throws {
    let words = WordSelection(lengthLimit: 150)
    try expect(Reuters.read(Self.fixture("reuters.npz"), words, testShare: 1.0 / 3), "reuters_third")
    #expect(Reuters.labelNames.count == 46)
  }

  @Test func noTextIsShortEnough() {
    expectError(
      """
      No text has fewer than 1 words.
        try: raise lengthLimit.
      """
    ) { () throws(KerasError) in
      _ = try IMDB.read(Self.fixture("imdb.npz"), WordSelection(lengthLimit: 1))
    }
  }

  @Test func wordsHaveNumbers() throws {
    #expect(
      try wordIndex(Self.fixture("imdb_word_index.json")) == ["the": 1, "naïve": 2, "café": 3])
  }

  private func expect(_ data: SequenceDataset, _ name: String) throws {
    let want = try #require(Self.expected[name])
    for (index, part) in [data.training, data.test].enumerated() {
      #expect(JSON.array(part.x.map { JSON($0) }) == want[index]?[0])
      #expect(part.y.prefix(8).map(Double.init) == want[index]?[1]?["first"]?.array?.compactMap(\.number))
    }
  }

  // MARK: The store

  /// A store on a folder of its own that holds some files and never uses the network.
  static func store(_ files: [String: String]) throws -> (WeightStore, folder: String) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keras-\(UUID().uuidString)").path
    for (place, file) in files {
      let path = "\(folder)/\(place)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: file, toPath: path)
    }
    var options = StoreOptions()
    options.isOffline = true
    return (WeightStore(home: KerasHome(path: folder), options: options), folder)
  }

  /// A folder as a mirror serves without a network, too.
  @Test func mirrorsAreTriedFirst() throws {
    var (store, folder) = try Self.store([:])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let mirror = "\(folder)/mirror/datasets"
    try FileManager.default.createDirectory(atPath: mirror, withIntermediateDirectories: true)
    for file in DatasetFiles.fashionMNIST {
      try FileManager.default.copyItem(atPath: Self.fixture(file.name), toPath: "\(mirror)/\(file.name)")
    }
    var options = store.options
    options.mirrors = ["\(folder)/mirror"]
    store = WeightStore(home: store.home, options: options)
    try expect(FashionMNIST.load(from: store), "fashion_mnist")
    let cached = "\(folder)/datasets/fashion-mnist/train-labels-idx1-ubyte.gz"
    #expect(FileManager.default.fileExists(atPath: cached))
  }

  @Test func offlineErrorsSayWhatToPutWhere() throws {
    let (store, folder) = try Self.store([:])
    expectError(
      """
      cifar-10-batches-py-target_archive is not in the cache, and the store is offline.
        try: fetch https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz and put it at \
      \(folder)/datasets/cifar-10-batches-py-target_archive, or leave out --offline and KERAS_OFFLINE.
      """
    ) { () throws(KerasError) in _ = try CIFAR10.load(from: store) }
    expectError(
      """
      train-labels-idx1-ubyte.gz is not in the cache, and the store is offline.
        try: fetch https://storage.googleapis.com/tensorflow/tf-keras-datasets/train-labels-idx1-ubyte.gz and put it at \
      \(folder)/datasets/fashion-mnist/train-labels-idx1-ubyte.gz, or leave out --offline and KERAS_OFFLINE.
      """
    ) { () throws(KerasError) in _ = try FashionMNIST.load(from: store) }
    expectError("A file in the cache has a name without folders, found `../mnist.npz`.") {
      () throws(KerasError) in _ = try MNIST.load(fileName: "../mnist.npz", from: store)
    }
  }
}

/// That `body` fails with these words.
func expectError(
  _ words: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws(KerasError) -> Void
) {
  do throws(KerasError) {
    try body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
  } catch {
    #expect(error.description == words, sourceLocation: sourceLocation)
  }
}
