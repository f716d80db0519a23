import KerasGraph
import KerasLayers

/// Half a cosine from the initial rate down to `alpha` times it, perhaps after a linear rise.
///
/// Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2016),
/// https://arxiv.org/abs/1608.03983.
public final class CosineDecay: LearningRateSchedule, @unchecked Sendable {
  @Setting("initial_learning_rate") public private(set) var initialRate: Double
  @Setting("decay_steps", .stepCount) public private(set) var steps: Int
  @Setting("alpha") public private(set) var alpha: Double
  /// The rate after the rise, from which the cosine then falls; nil for no rise.
  @Setting("warmup_target") public private(set) var warmupTarget: Double?
  @Setting("warmup_steps") public private(set) var warmupSteps: Int

  public init(
    initialRate: Double = 0.1, steps: Int = 1000, alpha: Double = 0, warmupTarget: Double? = nil,
    warmupSteps: Int = 0, name: String = "CosineDecay"
  ) {
    super.init(name: name)
    self.initialRate = initialRate
    self.steps = steps
    self.alpha = alpha
    self.warmupTarget = warmupTarget
    self.warmupSteps = warmupSteps
  }

  public override func rate(at step: RecordedValue) -> RecordedValue {
    let (steps, alpha) = (Double(steps), alpha)
    func decayed(_ step: RecordedValue, from peak: Double) -> RecordedValue {
      ((step / steps * Double.pi).applying(.cosine) * (0.5 * (1 - alpha)) + (0.5 * (1 - alpha) + alpha))
        * peak
    }
    guard let warmupTarget else { return decayed(step.combined(.minimum, with: steps), from: initialRate) }
    let warmup = Double(warmupSteps)
    let rise = step / max(warmup, 1) * (warmupTarget - initialRate) + initialRate
    let fall = decayed(step.combined(.minimum, with: steps + warmup) - warmup, from: warmupTarget)
    return rise.kept(where: step .< warmup, else: fall)
  }
}

/// ``CosineDecay`` again and again, each time over more steps and perhaps from a lower rate.
public final class CosineDecayRestarts: LearningRateSchedule, @unchecked Sendable {
  @Setting("initial_learning_rate") public private(set) var initialRate: Double
  @Setting("first_decay_steps", .stepCount) public private(set) var firstSteps: Int
  /// How much longer each round is than the one before.
  @Setting("t_mul") public private(set) var stepFactor: Double
  /// How much higher or lower each round begins.
  @Setting("m_mul") public private(set) var rateFactor: Double
  @Setting("alpha") public private(set) var alpha: Double

  public init(
    initialRate: Double = 0.1, firstSteps: Int = 1000, stepFactor: Double = 2, rateFactor: Double = 1,
    alpha: Double = 0, name: String = "SGDRDecay"
  ) {
    super.init(name: name)
    self.initialRate = initialRate
    self.firstSteps = firstSteps
    self.stepFactor = stepFactor
    self.rateFactor = rateFactor
    self.alpha = alpha
  }

  public override func rate(at step: RecordedValue) -> RecordedValue {
    let done = step / Double(firstSteps)
    let round: RecordedValue
    let share: RecordedValue
    if stepFactor == 1 {
      round = done.applying(.floor)
      share = done - round
    } else {
      // Rounds of 1, t, t², … first ones: the sum of a geometric series, solved for its length.
      let base = step.number(stepFactor).logarithm
      round = ((1 - done * (1 - stepFactor)).logarithm / base).applying(.floor)
      let length = step.number(stepFactor).combined(.power, with: round)
      share = (done - (1 - length) * (1 / (1 - stepFactor))) / length
    }
    let height = step.number(rateFactor).combined(.power, with: round)
    let cosine = height * ((share * Double.pi).applying(.cosine) + 1) * 0.5
    return (cosine * (1 - alpha) + alpha) * initialRate
  }
}

extension LearningRateSchedule {
  public static func exponentialDecay(
    initialRate: Double, steps: Int, decayRate: Double, isStaircase: Bool = false
  ) -> LearningRateSchedule {
    ExponentialDecay(initialRate: initialRate, steps: steps, decayRate: decayRate, isStaircase: isStaircase)
  }
  public static func cosineDecay(
    initialRate: Double, steps: Int, alpha: Double = 0, warmupTarget: Double? = nil, warmupSteps: Int = 0
  ) -> LearningRateSchedule {
    CosineDecay(
      initialRate: initialRate, steps: steps, alpha: alpha, warmupTarget: warmupTarget,
      warmupSteps: warmupSteps)
  }
  public static func piecewiseConstant(boundaries: [Double], rates: [Double]) -> LearningRateSchedule {
    PiecewiseConstantDecay(boundaries: boundaries, rates: rates)
  }
}
