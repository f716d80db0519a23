import KerasLayers

/// Gradients divided by the root of a moving average of their squares.
///
/// Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning" (2012).
public final class RMSprop: Optimizer, @unchecked Sendable {
  @Setting("rho", .share) public private(set) var rho: Double
  @Setting("momentum", .share) public private(set) var momentum: Double
  @Setting("epsilon") public private(set) var epsilon: Double
  /// Whether squares are taken around the average gradient.
  @Setting("centered") public private(set) var isCentered: Bool

  public init(
    learningRate: LearningRate = 0.001, rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7,
    isCentered: Bool = false, options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(name: "rm_sprop", learningRate: learningRate, options: options)
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
    self.isCentered = isCentered
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("velocity")]] + (momentum > 0 ? [[OptimizerSlot("momentum")]] : [])
      + (isCentered ? [[OptimizerSlot("average_gradient")]] : [])
  }

  public override func update(_ weight: WeightUpdate) {
    let g = weight.gradient
    let velocity = weight["velocity"] * rho + weight.squaredGradient * (1 - rho)
    weight["velocity"] = velocity
    var spread = velocity
    if isCentered {
      let average = weight["average_gradient"] * rho + g * (1 - rho)
      weight["average_gradient"] = average
      spread = velocity - average.squared
    }
    var move = g * weight.learningRate / (spread + epsilon).root
    if momentum > 0 {
      move = weight["momentum"] * momentum + move
      weight["momentum"] = move
    }
    weight.value = weight.value - move
  }
}
