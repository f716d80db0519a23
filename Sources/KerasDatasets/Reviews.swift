import KerasCore
import KerasStore
import KerasWeights

/// 25,000 film reviews for training and as many for tests, each as numbers of words, as `keras.datasets.imdb`.
///
/// By Andrew Maas et al., https://ai.stanford.edu/~amaas/data/sentiment/
public enum IMDB {
  /// Reviews, and 1 for those that praise.
  ///
  /// The same order and numbers as from Keras: 0 is for filling up, 1 begins a text, 2 stands for words that
  /// are left out, and the words' own numbers begin at 4.
  ///
  /// - Throws: as ``MNIST/load(fileName:from:)``; `invalidArgument` where no text is short enough.
  public static func load(
    fileName: String = DatasetFiles.imdb.name, words: WordSelection = WordSelection(), seed: UInt32 = 113,
    from store: WeightStore = WeightStore()
  ) throws(KerasError) -> SequenceDataset {
    try read(store.path(for: DatasetFiles.imdb, name: fileName), words, seed: seed)
  }

  static func read(
    _ path: String, _ words: WordSelection = WordSelection(), seed: UInt32 = 113
  ) throws(KerasError) -> SequenceDataset {
    let archive = try PublishedLists(path)
    var random = NumPyRandom(seed: seed)
    let training = try shuffled(archive.part("x_train", "y_train"), &random)
    let test = try shuffled(archive.part("x_test", "y_test"), &random)
    let (first, second) = (words.numbered(training), words.numbered(test))
    try require(
      !first.x.isEmpty && !second.x.isEmpty,
      "No text has fewer than \(words.lengthLimit ?? 0) words.", remedy: "raise lengthLimit.")
    let limit = try words.limit(of: first.x + second.x)
    return SequenceDataset(
      training: SequenceDataset.Part(x: words.filtered(first.x, limit: limit), y: first.y),
      test: SequenceDataset.Part(x: words.filtered(second.x, limit: limit), y: second.y))
  }

  /// The number of each word, from 1 on by falling frequency, before `firstNumber` is added.
  ///
  /// - Throws: as ``MNIST/load(fileName:from:)``.
  public static func wordIndex(
    fileName: String = DatasetFiles.imdbWordIndex.name, from store: WeightStore = WeightStore()
  ) throws(KerasError) -> [String: Int] {
    try KerasDatasets.wordIndex(store.path(for: DatasetFiles.imdbWordIndex, name: fileName))
  }
}

/// 11,228 newswires of 46 topics, each as numbers of words, as `keras.datasets.reuters`.
public enum Reuters {
  /// - Parameter testShare: of the newswires, from 0 up to 1.
  /// - Throws: as ``MNIST/load(fileName:from:)``; `invalidArgument` where no text is short enough.
  public static func load(
    fileName: String = DatasetFiles.reuters.name, words: WordSelection = WordSelection(),
    testShare: Double = 0.2,
    seed: UInt32 = 113, from store: WeightStore = WeightStore()
  ) throws(KerasError) -> SequenceDataset {
    try read(store.path(for: DatasetFiles.reuters, name: fileName), words, testShare: testShare, seed: seed)
  }

  static func read(
    _ path: String, _ words: WordSelection = WordSelection(), testShare: Double = 0.2, seed: UInt32 = 113
  ) throws(KerasError) -> SequenceDataset {
    try require(testShare >= 0 && testShare <= 1, "The share of tests is from 0 to 1, found \(testShare).")
    let archive = try PublishedLists(path)
    var random = NumPyRandom(seed: seed)
    let all = words.numbered(try shuffled(archive.part("x", "y"), &random))
    try require(
      !all.x.isEmpty, "No text has fewer than \(words.lengthLimit ?? 0) words.", remedy: "raise lengthLimit.")
    let texts = words.filtered(all.x, limit: try words.limit(of: all.x))
    let first = Int(Double(texts.count) * (1 - testShare))
    return SequenceDataset(
      training: SequenceDataset.Part(x: Array(texts[..<first]), y: Array(all.y[..<first])),
      test: SequenceDataset.Part(x: Array(texts[first...]), y: Array(all.y[first...])))
  }

  /// The number of each word, from 1 on by falling frequency, before `firstNumber` is added.
  ///
  /// - Throws: as ``MNIST/load(fileName:from:)``.
  public static func wordIndex(
    fileName: String = DatasetFiles.reutersWordIndex.name, from store: WeightStore = WeightStore()
  ) throws(KerasError) -> [String: Int] {
    try KerasDatasets.wordIndex(store.path(for: DatasetFiles.reutersWordIndex, name: fileName))
  }

  /// What the class numbers stand for.
  public static let labelNames = [
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply", "coffee",
    "sugar",
    "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi", "money-fx", "interest",
    "gnp",
    "meal-feed", "alum", "oilseed", "gold", "tin", "strategic-metal", "livestock", "retail", "ipi",
    "iron-steel",
    "rubber", "heat", "jobs", "lei", "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi",
    "hog",
    "lead",
  ]
}

private func shuffled(_ part: SequenceDataset.Part, _ random: inout NumPyRandom) -> SequenceDataset.Part {
  part.reordered(random.permutation(part.x.count))
}
