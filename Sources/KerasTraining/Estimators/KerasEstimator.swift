import KerasModels

/// A function that builds a model, with settings: fitted, judged and compared as estimators of scikit-learn are.
///
/// Every fit builds a new model, whose first weights `seed` decides, as it does the order of samples: same settings and
/// data, same result. See ``KerasClassifier`` and ``KerasRegressor``.
public class KerasEstimator: @unchecked Sendable {
  public final let settings: [String: JSON]
  /// Decides first weights and the order of samples.
  public final let seed: UInt64
  /// The model of the last fit; nil before.
  public final private(set) var model: Model?
  /// The labels that the model of the last fit has met, in order, where there are any.
  final private(set) var learnedClasses: [Double] = []
  fileprivate let build: ModelBuilder
  private let makeCallbacks: @Sendable () -> [Callback]

  /// - Parameters:
  ///   - settings: for the builder, and `epochs`, `batch_size`, `shuffle`, `validation_split` for `fit`.
  ///   - callbacks: made anew for every fit.
  public required init(
    settings: [String: JSON] = [:], seed: UInt64 = 0,
    callbacks: @escaping @Sendable () -> [Callback] = { [] }, _ build: @escaping ModelBuilder
  ) {
    self.settings = settings
    self.seed = seed
    makeCallbacks = callbacks
    self.build = build
  }

  /// The same, not fitted, with some settings replaced.
  public final func with(_ settings: [String: JSON]) -> Self {
    Self(
      settings: self.settings.merging(settings) { $1 }, seed: seed, callbacks: makeCallbacks, build)
  }

  /// Builds a model and trains it.
  ///
  /// - Parameters:
  ///   - x: `[samples, …]`
  ///   - sampleWeights: `[samples]`
  /// - Throws: what the builder throws; `unknownName` for a setting that nobody asks for; what `fit` of models throws.
  @discardableResult
  public final func fit(_ x: Tensor, _ y: Tensor, sampleWeights: Tensor? = nil) throws(KerasError) -> History
  {
    let settings = EstimatorSettings(settings)
    let model = try Session.withFresh(seed: seed) { () throws(KerasError) in
      try within("builder") { () throws(KerasError) in try wrappingErrors { try build(settings) } }
    }
    try settings.checkUse()
    let options = try FitSettings(settings)
    let target = try target(for: y, of: model)
    let history = try model.fit(
      x, target.numbers, sampleWeights: sampleWeights, batchSize: options.batchSize, epochs: options.epochs,
      shuffles: options.shuffles, seed: seed, validationSplit: options.validationSplit,
      callbacks: makeCallbacks(), verbosity: .silent)
    (self.model, learnedClasses) = (model, target.classes)
    return history
  }

  /// How well the fitted model does; larger is better.
  ///
  /// - Throws: `invalidArgument` before the first fit; `shapeMismatch` where data does not fit.
  public func score(_ x: Tensor, _ y: Tensor, sampleWeights: Tensor? = nil) throws(KerasError) -> Double {
    -Double.infinity
  }

  /// What a model learns to give, and for a classifier the labels that its outputs stand for.
  struct Target {
    var numbers: Tensor
    var classes: [Double] = []
  }

  /// What the model learns to give for `y`; called before each fit.
  func target(for y: Tensor, of model: Model) throws(KerasError) -> Target { Target(numbers: y) }

  /// By sample, which of them must be spread evenly over folds; nil where that does not matter.
  func strata(of y: Tensor) throws(KerasError) -> [Double]? { nil }

  final func fitted() throws(KerasError) -> (model: Model, batchSize: Int) {
    guard let model else {
      throw KerasError(.invalidArgument, "The estimator is not fitted yet.", remedy: "call fit first.")
    }
    return (model, try FitSettings(EstimatorSettings(settings)).batchSize)
  }
}

/// The share, in weights, of the samples for which `holds`.
func share(of count: Int, _ weights: Tensor?, where holds: (Int) -> Bool) throws(KerasError) -> Double {
  let weights: [Double] = weights.map { $0.scalars() } ?? [Double](repeating: 1, count: count)
  try require(
    weights.count == count, .shapeMismatch, "Expected \(count) weights of samples, found \(weights.count).")
  let right = weights.indices.reduce(0.0) { holds($1) ? $0 + weights[$1] : $0 }
  return right / weights.reduce(0, +)
}
