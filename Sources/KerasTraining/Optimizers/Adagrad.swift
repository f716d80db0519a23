import KerasLayers

/// Gradients divided by the root of the sum of all their squares.
///
/// Duchi et al., "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization" (2011).
public final class Adagrad: Optimizer, @unchecked Sendable {
  @Setting("initial_accumulator_value", .fromZero) public private(set) var initialAccumulator: Double
  @Setting("epsilon") public private(set) var epsilon: Double

  public init(
    learningRate: LearningRate = 0.001, initialAccumulator: Double = 0.1, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(name: "adagrad", learningRate: learningRate, options: options)
    self.initialAccumulator = initialAccumulator
    self.epsilon = epsilon
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("accumulator", .constant(initialAccumulator))]]
  }

  public override func update(_ weight: WeightUpdate) {
    let sum = weight["accumulator"] + weight.squaredGradient
    weight["accumulator"] = sum
    weight.value = weight.value - weight.gradient * weight.learningRate / (sum + epsilon).root
  }
}

/// Steps as long as those before them, relative to gradients.
///
/// Zeiler, "ADADELTA: An Adaptive Learning Rate Method" (2012), https://arxiv.org/abs/1212.5701, algorithm 1.
public final class Adadelta: Optimizer, @unchecked Sendable {
  @Setting("rho", .share) public private(set) var rho: Double
  @Setting("epsilon") public private(set) var epsilon: Double

  public init(
    learningRate: LearningRate = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(name: "adadelta", learningRate: learningRate, options: options)
    self.rho = rho
    self.epsilon = epsilon
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("accumulated_grad"), OptimizerSlot("accumulated_delta_var")]]
  }

  public override func update(_ weight: WeightUpdate) {
    let gradients = weight["accumulated_grad"] * rho + weight.squaredGradient * (1 - rho)
    let moves = weight["accumulated_delta_var"]
    let ratio = (moves + epsilon).root / (gradients + epsilon).root
    weight["accumulated_grad"] = gradients
    weight["accumulated_delta_var"] = moves * rho + ratio.squared * weight.squaredGradient * (1 - rho)
    weight.value = weight.value - ratio * weight.gradient * weight.learningRate
  }
}
