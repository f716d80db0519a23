import KerasLayers

/// Gradient descent, with momentum: `v ← momentum·v − rate·g`, `w ← w + v`.
///
/// Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), for Nesterov's form.
public final class SGD: Optimizer, @unchecked Sendable {
  @Setting("momentum", .share)
  public private(set) var momentum: Double
  @Setting("nesterov") public private(set) var isNesterov: Bool

  public init(
    learningRate: LearningRate = 0.01, momentum: Double = 0, isNesterov: Bool = false,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(name: "sgd", learningRate: learningRate, options: options)
    self.momentum = momentum
    self.isNesterov = isNesterov
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    momentum == 0 ? [] : [[OptimizerSlot("momentum")]]
  }

  public override func update(_ weight: WeightUpdate) {
    let move = weight.gradient * weight.learningRate
    guard momentum != 0 else {
      weight.value = weight.value - move
      return
    }
    let velocity = weight["momentum"] * momentum - move
    weight["momentum"] = velocity
    weight.value = weight.value + (isNesterov ? velocity * momentum - move : velocity)
  }
}
