import KerasCore

#if canImport(Glibc)
  import Glibc
#endif

/// Pairs of words for learning word vectors, and whether the second stood near the first:
/// ``skipgrams(_:vocabularySize:windowSize:negativeSamples:shuffles:samplingTable:seed:)``.
public struct Skipgrams: Hashable, Sendable {
  public struct Couple: Hashable, Sendable {
    public let word: Int
    /// What stood near it, or any word.
    public let context: Int
  }

  public fileprivate(set) var couples: [Couple]
  /// 1 for what stood near, 0 for any word.
  public fileprivate(set) var labels: [Int]

  /// `[couples, 2]`, int32.
  public var coupleTensor: Tensor {
    Tensor(uninitialized: [couples.count, 2], Int32.self) { elements in
      for (index, couple) in couples.enumerated() {
        elements[2 * index] = Int32(clamping: couple.word)
        elements[2 * index + 1] = Int32(clamping: couple.context)
      }
    }
  }
  /// `[couples]`, int32.
  public var labelTensor: Tensor { Tensor(labels.map { Int32($0) }) }
  /// `[couples, 2]`, float32: `[1, 0]` for 0 and `[0, 1]` for 1, as Keras with `categorical=True`.
  public var categoricalLabels: Tensor {
    Tensor(uninitialized: [labels.count, 2], Float.self) { elements in
      for (index, label) in labels.enumerated() {
        elements[2 * index] = label == 0 ? 1 : 0
        elements[2 * index + 1] = label == 0 ? 0 : 1
      }
    }
  }
}

/// Pairs of a word and a word near it in a sequence, and as many or more pairs of a word and any word.
///
/// Mikolov et al., "Efficient Estimation of Word Representations in Vector Space" (2013),
/// https://arxiv.org/abs/1301.3781
///
/// - Parameters:
///   - sequence: numbers of words; 0 is no word and skipped.
///   - vocabularySize: one more than the largest number.
///   - windowSize: how many words to each side are near.
///   - negativeSamples: how many pairs with any word there are for each that stood near.
///   - samplingTable: how likely a word of each number is used at all, as from
///     ``makeSamplingTable(size:samplingFactor:)``.
///   - seed: the same numbers as from Keras after `random.seed(seed)`, called with `seed=seed`.
/// - Throws: `invalidArgument` for sizes that make no sense and for words that the table does not hold.
public func skipgrams(
  _ sequence: [Int], vocabularySize: Int, windowSize: Int = 4, negativeSamples: Double = 1,
  shuffles: Bool = true, samplingTable: [Double]? = nil, seed: Int = 0
) throws(KerasError) -> Skipgrams {
  try require(
    vocabularySize > 1 && windowSize >= 0 && negativeSamples >= 0 && negativeSamples.isFinite,
    "A vocabulary has at least 2 words, windows and shares of samples are not negative; found \(vocabularySize), "
      + "\(windowSize) and \(negativeSamples).")
  var random = PythonRandom(seed: seed)
  var result = Skipgrams(couples: [], labels: [])
  for (place, word) in sequence.enumerated() where word != 0 {
    if let samplingTable {
      try require(
        samplingTable.indices.contains(word),
        "The sampling table of \(samplingTable.count) words does not hold word \(word).")
      if samplingTable[word] < random.uniform() { continue }
    }
    let first = place - min(windowSize, place)
    let last = place + min(windowSize, sequence.count - 1 - place)
    for near in first...last where near != place && sequence[near] != 0 {
      result.couples.append(Skipgrams.Couple(word: word, context: sequence[near]))
      result.labels.append(1)
    }
  }
  let negativeCount = Double(result.couples.count) * negativeSamples
  try require(negativeCount < 1e9, "\(negativeCount) pairs are too many.")
  if negativeSamples > 0 {
    var words = result.couples.map(\.word)
    random.shuffle(&words)
    for index in 0..<Int(negativeCount) {
      result.couples.append(
        Skipgrams.Couple(
          word: words[index % words.count], context: random.integer(in: 1...vocabularySize - 1)))
      result.labels.append(0)
    }
  }
  if shuffles {
    // One order for both.
    var order = Array(result.couples.indices)
    var shuffling = PythonRandom(seed: seed)
    shuffling.shuffle(&order)
    result = Skipgrams(couples: order.map { result.couples[$0] }, labels: order.map { result.labels[$0] })
  }
  return result
}

/// How likely a word of each rank should be used, so that frequent ones do not fill the samples: the smaller
/// of 1 and `√(factor / frequency)`, where frequencies follow Zipf's law.
///
/// - Throws: `invalidArgument` for a size below 1 or a factor that is not positive.
public func makeSamplingTable(size: Int, samplingFactor: Double = 1e-5) throws(KerasError) -> [Double] {
  try require(
    size > 0 && size < 1 << 32 && samplingFactor > 0,
    "A sampling table has at least one word and a positive factor, found \(size) and \(samplingFactor).")
  return (0..<size).map { word in
    let rank = Double(max(word, 1))
    // 0.577 is how Keras writes Euler's constant.
    let inverseFrequency = rank * (log(rank) + 0.577) + 0.5 - 1 / (12 * rank)
    let scaled = samplingFactor * inverseFrequency
    return min(1, scaled / scaled.squareRoot())
  }
}
