import KerasLayers

/// The sign of a mixture of momentum and gradient: every number moves by the learning rate.
///
/// Chen et al., "Symbolic Discovery of Optimization Algorithms" (2023), https://arxiv.org/abs/2302.06675.
public final class Lion: Optimizer, @unchecked Sendable {
  @Setting("beta_1", Double.settingCodec.requiring("above 0 and up to 1") { 0 < $0 && $0 <= 1 })
  public private(set) var beta1: Double
  @Setting("beta_2", .share) public private(set) var beta2: Double

  public init(
    learningRate: LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.99,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(name: "lion", learningRate: learningRate, options: options)
    self.beta1 = beta1
    self.beta2 = beta2
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] { [[OptimizerSlot("momentum")]] }

  public override func update(_ weight: WeightUpdate) {
    let (m, g) = (weight["momentum"], weight.gradient)
    weight.value = weight.value - (m * beta1 + g * (1 - beta1)).applying(.sign) * weight.learningRate
    weight["momentum"] = m * beta2 + g * (1 - beta2)
  }
}
