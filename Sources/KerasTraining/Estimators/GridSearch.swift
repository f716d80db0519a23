import KerasCharts
import KerasModels

/// Tries all combinations of some settings, each by cross-validation, and fits the best one on everything.
///
/// ```swift
/// let classifier = KerasClassifier(settings: ["epochs": 2]) { settings in
///   let units = try settings.integer("units")
///   let model = Sequential {
///     Dense(units: units, activation: .relu)
///     Dense(units: 2, activation: .softmax)
///   }
///   try model.compile(
///     optimizer: .named(settings.text("optimizer")), loss: .sparseCategoricalCrossentropy)
///   return model
/// }
/// let search = GridSearch(classifier, over: ["units": [4, 8], "optimizer": ["adam", "sgd"], "epochs": [1, 2]])
/// let x = Tensor(repeating: 0.5, shape: [12, 4])
/// let y = Tensor((0..<12).map { Int32($0 % 2) })
/// let found = try search.fit(x, y, folds: 3)
/// print(found)                                            // a table
/// let best = try found.estimator.predict(x)
/// ```
public struct GridSearch<Estimator: KerasEstimator>: Sendable {
  public let estimator: Estimator
  /// By name, what is tried.
  public let grid: [String: [JSON]]

  /// - Parameter grid: of settings of the builder and of `fit`, by name. As in scikit-learn names are sorted, and the last
  ///   one changes fastest.
  public init(_ estimator: Estimator, over grid: [String: [JSON]]) {
    self.estimator = estimator
    self.grid = grid
  }

  /// Everything that was tried.
  public struct Outcome: Sendable, CustomStringConvertible {
    public struct Trial: Sendable {
      public let settings: [String: JSON]
      public let scores: CrossValidation
      /// From 1, the best; those of equal scores have the same.
      public internal(set) var rank: Int
    }
    /// In the order in which they were tried.
    public let trials: [Trial]
    /// The first one of rank 1.
    public let best: Trial
    /// With the best settings, fitted on all samples.
    public let estimator: Estimator

    /// A table: settings, mean and deviation of the scores, rank.
    public var description: String {
      let names = best.settings.keys.sorted()
      let rows = trials.map { trial in
        names.map { trial.settings[$0].map(text) ?? "" } + [
          fixed(trial.scores.mean, decimals: 4), fixed(trial.scores.deviation, decimals: 4), "\(trial.rank)",
        ]
      }
      return TextTable.text(
        of: rows,
        columns: names.map { TextTable.Column($0) }
          + ["score", "deviation", "rank"].map { TextTable.Column($0, .right) })
    }

    private func text(_ value: JSON) -> String { value.string ?? value.text() }
  }

  /// - Throws: `invalidArgument` for a setting without values; what cross-validation throws, naming the settings.
  public func fit(_ x: Tensor, _ y: Tensor, folds count: Int = 5) throws(KerasError) -> Outcome {
    if let empty = grid.filter({ $0.value.isEmpty }).keys.min() {
      throw KerasError(.invalidArgument, "There is no value to try for the setting `\(empty)`.")
    }
    // The same for all, so that they are compared on the same samples.
    let folds = try estimator.folds(x, y, count)
    var trials: [Outcome.Trial] = []
    for settings in combinations {
      let scores = try within(label(of: settings)) { () throws(KerasError) in
        try estimator.with(settings).crossValidated(x, y, in: folds)
      }
      trials.append(Outcome.Trial(settings: settings, scores: scores, rank: 0))
    }
    // What is no number comes last.
    func merit(_ trial: Outcome.Trial) -> Double {
      trial.scores.mean.isNaN ? -.infinity : trial.scores.mean
    }
    for index in trials.indices {
      trials[index].rank = 1 + trials.count { merit($0) > merit(trials[index]) }
    }
    guard let best = trials.first(where: { $0.rank == 1 }) else {
      throw KerasError(.invalidArgument, "There is nothing to search.")
    }
    let winner = estimator.with(best.settings)
    try winner.fit(x, y)
    return Outcome(trials: trials, best: best, estimator: winner)
  }

  private var combinations: [[String: JSON]] {
    grid.keys.sorted().reduce([[:]]) { combinations, name in
      combinations.flatMap { settings in
        (grid[name] ?? []).map { settings.merging([name: $0]) { $1 } }
      }
    }
  }

  private func label(of settings: [String: JSON]) -> String {
    settings.keys.sorted().map { "\($0) = \(settings[$0]?.text() ?? "")" }.joined(separator: ", ")
  }
}
