import Glibc
import KerasCharts
import KerasCore
import KerasGraph
import KerasModels

/// What the loss did while the learning rate rose from step to step: a range test, as in Smith, "Cyclical Learning Rates
/// for Training Neural Networks" (2017), https://arxiv.org/abs/1506.01186.
public struct LearningRateRange: Sendable {
  /// The learning rates, each a step's.
  public let rates: [Double]
  /// The losses of those steps, smoothed; as many.
  public let losses: [Double]

  /// A tenth of the rate with the least loss: below what makes training unstable, and not much below.
  public var suggestion: Double {
    let least = losses.indices.reduce(0) { losses[$1] < losses[$0] ? $1 : $0 }
    return rates[least] / 10
  }

  /// Draws the loss over the rates, with the suggestion.
  ///
  /// - Parameter path: `.svg` or `.png`; it is written beside and renamed.
  /// - Throws: `invalidArgument` for another ending; `fileAccess`.
  public func plot(to path: String) throws(KerasError) { try chart().write(to: path) }

  /// The same drawing as SVG, without links to anything.
  public func svg() -> String { chart().svg() }

  package func chart() -> Chart {
    let series = Chart.Series("loss", zip(rates, losses).map { ($0, $1) }, .blue)
    return Chart(panels: [
      Chart.Panel(
        "loss by learning rate", xTitle: "learning rate", series: [series], isLogarithmic: true,
        mark: (suggestion, "suggested: \(exponential(suggestion, decimals: 1))"))
    ])
  }
}

extension Model {
  /// Finds out which learning rates the model can be trained with: trains some steps, each at a higher rate, until the
  /// loss explodes, and puts everything back as it was.
  ///
  /// - Parameters:
  ///   - data: of as many epochs as the steps need.
  ///   - lowest: the first step's rate.
  ///   - highest: the last step's.
  /// - Throws: `invalidArgument` for rates that do not rise from above 0, for fewer than 10 steps, without a batch, where
  ///   a schedule decides the rate, and where no loss is a number; what ``fit(_:epochs:initialEpoch:stepsPerEpoch:validationData:validationSteps:validationInterval:classWeights:devices:callbacks:verbosity:)``
  ///   throws.
  public func findLearningRate(
    _ data: any DataSource, from lowest: Double = 1e-6, to highest: Double = 1, steps: Int = 100,
    classWeights: [Int: Double]? = nil
  ) throws(KerasError) -> LearningRateRange {
    try require(
      0 < lowest && lowest < highest && highest.isFinite && steps >= 10, .invalidArgument,
      "A range of learning rates rises from above 0 in at least 10 steps, found \(lowest) to \(highest) in \(steps)."
    )
    let trainer = try compiled(for: "be trained")
    let optimizer = try settableOptimizer(of: self, for: "A range of learning rates")
    try require(
      !weights.isEmpty, .invalidArgument, "The model has no weights yet.", path: [name],
      remedy: "give it an Input, or call it once.")
    let (kept, rate) = (try trainer.snapshot(of: self), optimizer.learningRate)
    let outcome = Result { () throws(KerasError) in
      try rangeTest(data, trainer, optimizer, classWeights) { step in
        step < steps ? lowest * pow(highest / lowest, Double(step) / Double(steps - 1)) : nil
      }
    }
    // Whatever happened, the model is as it was.
    optimizer.learningRate = rate
    try trainer.restore(kept, to: self)
    try trainer.resetMetrics(isTraining: true)
    let range = try outcome.get()
    try require(
      !range.rates.isEmpty, .invalidArgument, "The loss is no number at a learning rate of \(lowest).",
      path: [name],
      remedy: "look for numbers in the data that are far too large, or begin with a lower rate.")
    return range
  }

  /// - Parameter rate: of a step; nil at the end.
  private func rangeTest(
    _ data: any DataSource, _ trainer: Trainer, _ optimizer: Optimizer, _ classWeights: [Int: Double]?,
    rate: (Int) -> Double?
  ) throws(KerasError) -> LearningRateRange {
    // How much of the average is what it was, and how many times the least a loss is that has exploded.
    let (inertia, explosion) = (0.9, 4.0)
    var (rates, losses, average): ([Double], [Double], Double) = ([], [], 0)
    var epoch = 0
    trainer.refresh(for: self)
    var stream = try wrappingErrors { try data.batches(inEpoch: 0) }
    while let rate = rate(rates.count) {
      var next = try stream.next()
      if next == nil {
        epoch += 1
        stream = try wrappingErrors { try data.batches(inEpoch: epoch) }
        next = try stream.next()
      }
      guard let batch = next else {
        throw KerasError(.invalidArgument, "There is no batch to train on.", path: [name])
      }
      optimizer.learningRate = rate
      let step = try within("step \(rates.count)") { () throws(KerasError) in
        try trainer.step(fitted(batch).weighted(byClass: classWeights), of: self, isTraining: true)
      }
      guard step.loss.isFinite else { break }
      average = average * inertia + step.loss * (1 - inertia)
      rates.append(rate)
      losses.append(average / (1 - pow(inertia, Double(rates.count))))
      if let least = losses.min(), least > 0, losses[losses.count - 1] > explosion * least { break }
    }
    return LearningRateRange(rates: rates, losses: losses)
  }
}
