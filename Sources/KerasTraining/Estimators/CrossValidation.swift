import KerasCharts
import KerasModels

/// Scores of models that were each judged on the part of the samples that they had not seen.
public struct CrossValidation: Sendable, CustomStringConvertible {
  /// One for each fold.
  public let scores: [Double]

  public var mean: Double { scores.reduce(0, +) / Double(max(scores.count, 1)) }

  /// Of the folds' scores, as NumPy's `std`.
  public var deviation: Double {
    let mean = mean
    return (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(scores.count, 1))).squareRoot()
  }

  /// `0.9500 ± 0.0123`
  public var description: String {
    "\(fixed(mean, decimals: 4)) ± \(fixed(deviation, decimals: 4))"
  }
}

extension KerasEstimator {
  /// Fits and judges the estimator once for each of `folds` parts of the samples: on the others, and on that part.
  ///
  /// Which sample is in which part the estimator's seed decides. A classifier has every class spread evenly.
  ///
  /// - Throws: `invalidArgument` for less than 2 folds, or more than there are samples; what fitting throws.
  public final func crossValidated(
    _ x: Tensor, _ y: Tensor, folds count: Int = 5
  ) throws(KerasError) -> CrossValidation {
    try crossValidated(x, y, in: folds(x, y, count))
  }

  final func crossValidated(
    _ x: Tensor, _ y: Tensor, in folds: [Fold]
  ) throws(KerasError) -> CrossValidation {
    var scores: [Double] = []
    for (number, fold) in folds.enumerated() {
      let score = try within("fold \(number)") { () throws(KerasError) in
        let estimator = with([:])
        try estimator.fit(x.gatheringRows(fold.training[...]), y.gatheringRows(fold.training[...]))
        return try estimator.score(x.gatheringRows(fold.test[...]), y.gatheringRows(fold.test[...]))
      }
      scores.append(score)
    }
    return CrossValidation(scores: scores)
  }

  final func folds(_ x: Tensor, _ y: Tensor, _ count: Int) throws(KerasError) -> [Fold] {
    guard let samples = x.shape.first, y.shape.first == samples else {
      throw KerasError(
        .shapeMismatch, "Expected as many samples as targets, found \(x.spec) and \(y.spec).")
    }
    return try Fold.folds(count, of: samples, strata: strata(of: y), seed: seed)
  }
}

/// The samples that a model is fitted on, and those that it is judged on, both in the order they have.
struct Fold: Equatable {
  let training: [Int]
  let test: [Int]

  /// - Parameters:
  ///   - strata: of each sample, what must be spread evenly.
  ///   - seed: of who comes into which fold.
  static func folds(
    _ count: Int, of samples: Int, strata: [Double]?, seed: UInt64
  ) throws(KerasError) -> [Fold] {
    try require(count >= 2, .invalidArgument, "Samples are divided into at least 2 folds, found \(count).")
    try require(
      count <= samples, .invalidArgument, "There are \(samples) samples, and \(count) folds want one each.")
    let order = shuffled(samples, seed: seed, stream: 0)
    var groups: [[Int]] = [order]
    if let strata {
      let members = Dictionary(grouping: order) { strata[$0] }
      groups = members.keys.sorted().compactMap { members[$0] }
      let sizes = groups.map(\.count)
      try require(
        (sizes.max() ?? 0) >= count, .invalidArgument,
        "Every class has fewer samples than the \(count) folds.", remedy: "choose fewer folds.")
      if let rarest = members.min(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }),
        rarest.value.count < count
      {
        Warnings.report(
          "The class \(shortText(rarest.key)) has \(rarest.value.count) of the samples, fewer than the \(count) folds: "
            + "some of them see none.")
      }
    }
    // Dealt out like cards, on and on over all groups, so that no fold has two samples more than another.
    var folds = [Int](repeating: 0, count: samples)
    for (turn, sample) in groups.joined().enumerated() { folds[sample] = turn % count }
    return (0..<count).map { fold in
      Fold(
        training: (0..<samples).filter { folds[$0] != fold }, test: (0..<samples).filter { folds[$0] == fold }
      )
    }
  }
}
