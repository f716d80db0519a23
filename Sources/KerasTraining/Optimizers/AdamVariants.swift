import KerasGraph
import KerasLayers

/// ``Adam`` with the largest gradient of late instead of the root of squares.
///
/// Kingma and Ba (2014), https://arxiv.org/abs/1412.6980, section 7.1.
public final class Adamax: MomentOptimizer, @unchecked Sendable {
  public init(
    learningRate: LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(
      named: "adamax", learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options)
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("momentum"), OptimizerSlot("norm")]]
  }

  public override func update(_ weight: WeightUpdate) {
    let m = weight["momentum"]
    let momentum = m + (weight.gradient - m) * (1 - beta1)
    let norm = (weight["norm"] * beta2).combined(.maximum, with: weight.gradientMagnitude)
    weight["momentum"] = momentum
    weight["norm"] = norm
    weight.value =
      weight.value - momentum * weight.learningRate / ((norm + epsilon) * (1 - weight.power(beta1)))
  }
}

/// ``Adam`` with Nesterov's momentum, which grows from step to step.
///
/// Dozat, "Incorporating Nesterov Momentum into Adam" (2016).
public final class Nadam: MomentOptimizer, @unchecked Sendable {
  public init(
    learningRate: LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(
      named: "nadam", learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options)
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("momentum"), OptimizerSlot("velocity")]]
  }

  /// The product of all momenta so far.
  public override var sharedSlots: [OptimizerSlot] { [OptimizerSlot("variable", .constant(1), shape: [])] }

  /// `beta1 · (1 − ½ · 0.96ᵗ)`
  private func momentum(_ step: OptimizerStep, later: Double = 0) -> RecordedValue {
    (1 - step.power(0.96, offset: later) * 0.5) * beta1
  }

  public override func updateShared(_ step: OptimizerStep) {
    step["variable"] = step["variable"] * momentum(step)
  }

  public override func update(_ weight: WeightUpdate) {
    let (m, v) = moments(weight, beta1: beta1, beta2: beta2)
    let (now, next) = (momentum(weight), momentum(weight, later: 1))
    // Where the step changes nothing, what the product has become does not matter.
    let product = weight.shared["variable"]
    let direction = m * next / (1 - product * next) + weight.gradient * (1 - now) / (1 - product)
    let spread = (v / (1 - weight.power(beta2))).root + epsilon
    weight.value = weight.value - direction * weight.learningRate / spread
  }
}

/// ``Adam``'s direction, with steps as long as a weight itself is.
///
/// You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes" (2019),
/// https://arxiv.org/abs/1904.00962.
public final class Lamb: MomentOptimizer, @unchecked Sendable {
  public init(
    learningRate: LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(
      named: "lamb", learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options)
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("momentum"), OptimizerSlot("velocity")]]
  }

  public override func update(_ weight: WeightUpdate) {
    let (m, v) = moments(weight, beta1: beta1, beta2: beta2)
    let direction =
      m / (1 - weight.power(beta1)) / ((v / (1 - weight.power(beta2))).root + epsilon)
    let (length, reach) = (weight.value.squared.total().root, direction.squared.total().root)
    let ratio = (length / reach).kept(where: (length .> 0).and(reach .> 0), else: 1)
    weight.value = weight.value - direction * (ratio * weight.learningRate)
  }
}

/// ``Adam`` without a schedule: weights are a point between the newest and the mean of all.
///
/// Defazio et al., "The Road Less Scheduled" (2024), https://arxiv.org/abs/2405.15682.
public final class ScheduleFreeAdamW: Optimizer, @unchecked Sendable {
  @Setting("beta_1", .share) public private(set) var beta1: Double
  @Setting("beta_2", .share) public private(set) var beta2: Double
  @Setting("epsilon") public private(set) var epsilon: Double
  @Setting("warmup_steps") public private(set) var warmupSteps: Int

  public init(
    learningRate: LearningRate = 0.0025, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    warmupSteps: Int = 0, options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(name: "schedule_free_adam_w", learningRate: learningRate, options: options)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.warmupSteps = warmupSteps
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("momentum", .weight), OptimizerSlot("velocity")]]
  }

  public override func update(_ weight: WeightUpdate) {
    var rate = weight.learningRate
    if warmupSteps > 0 { rate = rate * (weight.number / Double(warmupSteps)).combined(.minimum, with: 1) }
    let (old, v) = (weight["momentum"], weight["velocity"])
    let velocity = v + (weight.squaredGradient - v) * (1 - beta2)
    let spread = (velocity / (1 - weight.power(beta2))).root + epsilon
    let newest = old - weight.gradient * rate / spread
    let share = 1 / weight.number
    // The mean is taken out of the weight by the newest point, as Keras on TensorFlow does, and not by the one before.
    let mean = (weight.value - newest * (1 - beta1)) / beta1
    weight["velocity"] = velocity
    weight["momentum"] = newest
    weight.value = newest * (1 - beta1) + (mean * (1 - share) + newest * share) * beta1
  }
}
