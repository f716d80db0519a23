import KerasGraph
import KerasLayers

/// What optimizers with two moving averages of gradients have in common: how much of them a step keeps.
public class MomentOptimizer: Optimizer, @unchecked Sendable {
  @Setting("beta_1", .share) public private(set) final var beta1: Double
  @Setting("beta_2", .share) public private(set) final var beta2: Double
  @Setting("epsilon") public private(set) final var epsilon: Double

  init(
    named name: String, _ learningRate: LearningRate, beta1: Double, beta2: Double, epsilon: Double,
    options: OptimizerOptions
  ) {
    super.init(name: name, learningRate: learningRate, options: options)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }
}

/// Steps along a moving average of gradients, divided by the root of one of their squares.
///
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2014), https://arxiv.org/abs/1412.6980, in the order of
/// operations before its section 2.1; `usesLargestVelocity` is Reddi et al.'s AMSGrad (2018).
public class Adam: MomentOptimizer, @unchecked Sendable {
  @Setting("amsgrad") public private(set) final var usesLargestVelocity: Bool

  public convenience init(
    learningRate: LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    usesLargestVelocity: Bool = false, options: OptimizerOptions = OptimizerOptions()
  ) {
    self.init(
      named: "adam", learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      usesLargestVelocity: usesLargestVelocity, options: options)
  }

  fileprivate init(
    named name: String, _ learningRate: LearningRate, beta1: Double, beta2: Double, epsilon: Double,
    usesLargestVelocity: Bool, options: OptimizerOptions
  ) {
    super.init(named: name, learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options)
    self.usesLargestVelocity = usesLargestVelocity
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("momentum"), OptimizerSlot("velocity")]]
      + (usesLargestVelocity ? [[OptimizerSlot("velocity_hat")]] : [])
  }

  public override func update(_ weight: WeightUpdate) {
    let (m, v) = moments(weight, beta1: beta1, beta2: beta2)
    var velocity = v
    if usesLargestVelocity {
      velocity = weight["velocity_hat"].combined(.maximum, with: v)
      weight["velocity_hat"] = velocity
    }
    let rate = correctedRate(weight, weight.learningRate, beta1: beta1, beta2: beta2)
    weight.value = weight.value - m * rate / (velocity.root + epsilon)
  }
}

/// ``Adam`` with weights that decay.
///
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2017), https://arxiv.org/abs/1711.05101.
public final class AdamW: Adam, @unchecked Sendable {
  public init(
    learningRate: LearningRate = 0.001, weightDecay: Double = 0.004, beta1: Double = 0.9,
    beta2: Double = 0.999,
    epsilon: Double = 1e-7, usesLargestVelocity: Bool = false, options: OptimizerOptions = OptimizerOptions()
  ) {
    var options = options
    options.weightDecay = weightDecay
    super.init(
      named: "adam_w", learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      usesLargestVelocity: usesLargestVelocity, options: options)
  }
}

/// The moving averages of gradients and of their squares, which are kept.
func moments(_ weight: WeightUpdate, beta1: Double, beta2: Double) -> (RecordedValue, RecordedValue) {
  let (m, v) = (weight["momentum"], weight["velocity"])
  let momentum = m + (weight.gradient - m) * (1 - beta1)
  let velocity = v + (weight.squaredGradient - v) * (1 - beta2)
  weight["momentum"] = momentum
  weight["velocity"] = velocity
  return (momentum, velocity)
}

/// The rate that makes up for averages that began at 0.
func correctedRate(
  _ step: OptimizerStep, _ rate: RecordedValue, beta1: Double, beta2: Double
) -> RecordedValue {
  rate * (1 - step.power(beta2)).root / (1 - step.power(beta1))
}
