import KerasGraph
import KerasLayers

/// `initial · rate^(step / steps)`
public final class ExponentialDecay: LearningRateSchedule, @unchecked Sendable {
  @Setting("initial_learning_rate") public private(set) var initialRate: Double
  @Setting("decay_steps", .stepCount) public private(set) var steps: Int
  @Setting("decay_rate") public private(set) var decayRate: Double
  /// Whether it falls once every `steps` alone.
  @Setting("staircase") public private(set) var isStaircase: Bool

  public init(
    initialRate: Double = 0.1, steps: Int = 1000, decayRate: Double = 0.9, isStaircase: Bool = false,
    name: String = "ExponentialDecay"
  ) {
    super.init(name: name)
    self.initialRate = initialRate
    self.steps = steps
    self.decayRate = decayRate
    self.isStaircase = isStaircase
  }

  public override func rate(at step: RecordedValue) -> RecordedValue {
    let share = periods(step, steps, isStaircase)
    return step.number(decayRate).combined(.power, with: share) * initialRate
  }
}

/// `initial / (1 + rate · step / steps)`
public final class InverseTimeDecay: LearningRateSchedule, @unchecked Sendable {
  @Setting("initial_learning_rate") public private(set) var initialRate: Double
  @Setting("decay_steps", .stepCount) public private(set) var steps: Int
  @Setting("decay_rate") public private(set) var decayRate: Double
  /// Whether it falls once every `steps` alone.
  @Setting("staircase") public private(set) var isStaircase: Bool

  public init(
    initialRate: Double = 0.1, steps: Int = 1000, decayRate: Double = 0.5, isStaircase: Bool = false,
    name: String = "InverseTimeDecay"
  ) {
    super.init(name: name)
    self.initialRate = initialRate
    self.steps = steps
    self.decayRate = decayRate
    self.isStaircase = isStaircase
  }

  public override func rate(at step: RecordedValue) -> RecordedValue {
    initialRate / (periods(step, steps, isStaircase) * decayRate + 1)
  }
}

private func periods(_ step: RecordedValue, _ steps: Int, _ isStaircase: Bool) -> RecordedValue {
  let share = step / Double(steps)
  return isStaircase ? share.applying(.floor) : share
}

/// `(initial − end) · (1 − step / steps)^power + end`, and `end` from then on.
public final class PolynomialDecay: LearningRateSchedule, @unchecked Sendable {
  @Setting("initial_learning_rate") public private(set) var initialRate: Double
  @Setting("decay_steps", .stepCount) public private(set) var steps: Int
  @Setting("end_learning_rate") public private(set) var endRate: Double
  @Setting("power") public private(set) var power: Double
  /// Whether it begins anew, each time over as many steps as lie behind.
  @Setting("cycle") public private(set) var isCyclic: Bool

  public init(
    initialRate: Double = 0.1, steps: Int = 1000, endRate: Double = 0.0001, power: Double = 1,
    isCyclic: Bool = false, name: String = "PolynomialDecay"
  ) {
    super.init(name: name)
    self.initialRate = initialRate
    self.steps = steps
    self.endRate = endRate
    self.power = power
    self.isCyclic = isCyclic
  }

  public override func rate(at step: RecordedValue) -> RecordedValue {
    let steps = Double(steps)
    let share: RecordedValue
    if isCyclic {
      let round = (step / steps).applying(.ceiling).kept(where: step .!= 0, else: 1)
      share = step / (round * steps)
    } else {
      share = step.combined(.minimum, with: steps) / steps
    }
    return (1 - share).power(power) * (initialRate - endRate) + endRate
  }
}

/// One rate up to each boundary (inclusive), and another behind it.
public final class PiecewiseConstantDecay: LearningRateSchedule, @unchecked Sendable {
  @Setting("boundaries", .list) private var storedBoundaries: [Double]?
  @Setting("values", .list) private var storedRates: [Double]?

  public var boundaries: [Double] { storedBoundaries ?? [] }
  public var rates: [Double] { storedRates ?? [] }

  /// - Parameter rates: one more than there are boundaries.
  public init(boundaries: [Double] = [], rates: [Double] = [0.1], name: String = "PiecewiseConstant") {
    super.init(name: name)
    storedBoundaries = boundaries
    storedRates = rates
  }

  public override func rate(at step: RecordedValue) throws -> RecordedValue {
    try require(
      rates.count == boundaries.count + 1, .invalidArgument,
      "\(boundaries.count) boundaries lie between \(boundaries.count + 1) rates, found \(rates.count).",
      path: [name])
    var rate = step.number(rates[rates.count - 1])
    for (boundary, value) in zip(boundaries, rates).reversed() {
      rate = step.number(value).kept(where: step .<= boundary, else: rate)
    }
    return rate
  }
}
